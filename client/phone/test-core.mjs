// Bundles the tests of client/core with the esbuild that Vite brings and runs them by node --test;
// those whose name begins with the argument, if there is one.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const tests = fileURLToPath(new URL("../core/test", import.meta.url));
const outdir = mkdtempSync(join(tmpdir(), "kandi-core-"));
const entryPoints = readdirSync(tests).filter((name) => name.startsWith(process.argv[2] ?? "") && name.endsWith(".test.ts")).map((name) => join(tests, name));
try {
  await build({ entryPoints, outdir, bundle: true, platform: "node", format: "esm", outExtension: { ".js": ".mjs" }, logLevel: "warning" });
  const files = readdirSync(outdir).map((name) => join(outdir, name));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(outdir, { recursive: true });
}
