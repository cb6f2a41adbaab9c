import { fileURLToPath } from "node:url";
import uniPlugin from "@dcloudio/vite-plugin-uni";
import { defineConfig } from "vite";

// The package is CommonJS: from an ES module its function is one `default` deeper.
const uni = ((uniPlugin as any).default ?? uniPlugin) as typeof uniPlugin;

export default defineConfig({
  base: "/m/",
  plugins: [uni()],
  resolve: { alias: { "@core": fileURLToPath(new URL("../core/src", import.meta.url)) } },
  build: { target: "es2020", chunkSizeWarningLimit: 1200 },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/tiles": "http://127.0.0.1:8000", "/style.json": "http://127.0.0.1:8000", "/static": "http://127.0.0.1:8000" } },
});
