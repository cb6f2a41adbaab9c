import { fileURLToPath } from "node:url";
import uniPlugin from "@dcloudio/vite-plugin-uni";
import { defineConfig, type Plugin } from "vite";

// The package is CommonJS: from an ES module its function is one `default` deeper.
const uni = ((uniPlugin as any).default ?? uniPlugin) as typeof uniPlugin;

/** uni-app's own styles name a picture on its maker's host: no page of ours asks another host. */
const ownHostOnly: Plugin = {
  name: "own-host-only",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
      file.source = String(file.source).replace(/url\(["']?https?:[^)]*\)/g, "none");
    }
  },
};

export default defineConfig({
  base: "/m/",
  plugins: [uni(), ownHostOnly],
  resolve: { alias: { "@core": fileURLToPath(new URL("../core/src", import.meta.url)) } },
  build: { target: "es2020", chunkSizeWarningLimit: 1200 },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/tiles": "http://127.0.0.1:8000", "/style.json": "http://127.0.0.1:8000", "/static": "http://127.0.0.1:8000" } },
});
