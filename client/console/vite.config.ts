import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import { defineConfig } from "vite";

const server = process.env.KANDI_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/console/",
  plugins: [vue(), Components({ dirs: [], dts: "src/components.d.ts", resolvers: [ElementPlusResolver()] })],
  resolve: { alias: { "@core": fileURLToPath(new URL("../core/src/staff", import.meta.url)) } },
  build: { target: "es2020", chunkSizeWarningLimit: 1200, reportCompressedSize: false },
  server: { port: 8117, proxy: { "/api": server, "/tiles": server, "/static": server, "/style.json": server } },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
