// The budget of the first page: what the browser must load before anything shows, compressed as the server sends it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KIB = 250;
const out = new URL("../../server/static/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", out), "utf8"));

// The entry with its static imports, and the chunk of the page that people land on.
const wanted = new Set(["index.html", ...Object.keys(manifest).filter((key) => /pages\/cases\/CasesPage/.test(key))]);
for (const key of wanted) {
  for (const imported of manifest[key].imports ?? []) wanted.add(imported);
}
let total = 0;
for (const key of wanted) {
  const file = manifest[key].file;
  if (file.endsWith(".js")) total += gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length;
}
const kib = total / 1024;
console.log(`first page: ${kib.toFixed(1)} KiB of JavaScript, compressed (limit ${LIMIT_KIB})`);
if (kib > LIMIT_KIB) {
  console.error(`first page: over its limit by ${(kib - LIMIT_KIB).toFixed(1)} KiB`);
  process.exit(1);
}
