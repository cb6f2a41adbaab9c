// Writes the service worker of a build: its files by name and a digest of all of them, so that
// browsers take a new worker exactly when something has changed.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../dist/build/h5");
const names = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((one) => one.isFile() && !/\.(br|gz|map)$/.test(one.name) && one.name !== "sw.js")
  .map((one) => relative(root, join(one.parentPath ?? one.path, one.name)).split(sep).join("/"))
  .sort();
const digest = createHash("sha256");
for (const name of names) digest.update(name).update(readFileSync(join(root, name)));
const files = names.map((name) => (name === "index.html" ? "/m/" : `/m/${name}`));
const worker = readFileSync(join(here, "worker.js"), "utf-8")
  .replace("__BUILD__", digest.digest("hex").slice(0, 16))
  .replace("__FILES__", JSON.stringify(files));
writeFileSync(join(root, "sw.js"), worker);
