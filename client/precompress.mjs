// Writes .br and .gz beside every file of a build that is worth packing, as small as they get: they are packed once and sent often.
// usage: node precompress.mjs DIRECTORY
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { gzipAsync } from "@gfx/zopfli";

const PACKABLE = /\.(html|js|mjs|css|json|svg|txt|map|wasm)$/;
const SMALLEST = 600;

const [root] = process.argv.slice(2);
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !PACKABLE.test(entry.name)) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const bytes = readFileSync(path);
  if (bytes.length < SMALLEST) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${path}.gz`, await gzipAsync(bytes, { numiterations: 5 }));
}
