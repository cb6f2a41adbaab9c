import { fileURLToPath } from "node:url";
import uniPlugin from "@dcloudio/vite-plugin-uni";
import { minify } from "terser";
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

/** Parts of MapLibre that no page shows. */
const UNSHOWN = /^(AttributionControl|Fullscreen|Geolocate|Globe|Logo|Navigation|Terrain)Control$|^(Marker|Popup)$/;

/**
 * MapLibre without controls that we do not show and with short private members (`_name`): 12 kB less,
 * packed. It is one file with its worker in it, so that both halves get the same names; names that
 * it also has as words are kept.
 */
const lightMap: Plugin = {
  name: "light-map",
  apply: "build",
  async transform(code, id) {
    if (!id.includes("maplibre-gl/dist/maplibre-gl.js")) return null;
    const reserved = [...code.matchAll(/["'`](_\w+)["'`]/g)].map(([, word]) => word!);
    const properties = { regex: /^_/, reserved };
    const kept = withoutExports(code, this.parse(code) as unknown as Node);
    const short = await minify(kept, { compress: { passes: 2, pure_getters: true }, mangle: { properties } });
    return { code: short.code!, map: null };
  },
};

interface Node { type: string; start: number; end: number; [member: string]: unknown }

/** The code with `void 0` where an export of such a name had its value. */
function withoutExports(code: string, root: Node): string {
  const cuts: Node[] = [];
  const walk = (node: Node): void => {
    const { left, right } = node as unknown as { left?: Node; right?: Node };
    const name = node.type === "AssignmentExpression" && (left?.property as { name?: string } | undefined)?.name;
    if (right && left?.type === "MemberExpression" && name && UNSHOWN.test(name)) { cuts.push(right); return; }
    for (const part of Object.values(node).flat()) {
      if (part && typeof (part as Node).type === "string") walk(part as Node);
    }
  };
  walk(root);
  return cuts.sort((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => `${text.slice(0, start)}void 0${text.slice(end)}`, code);
}

export default defineConfig({
  base: "/m/",
  plugins: [uni(), ownHostOnly, lightMap],
  resolve: { alias: { "@core": fileURLToPath(new URL("../core/src", import.meta.url)) } },
  build: { target: "es2020", chunkSizeWarningLimit: 1200 },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/tiles": "http://127.0.0.1:8000", "/style.json": "http://127.0.0.1:8000", "/static": "http://127.0.0.1:8000" } },
});
