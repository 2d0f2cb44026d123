// Bundles the web phone into dist/: one script, one style sheet, one page, nothing fetched at run time.
import { build } from "esbuild";
import { cp, mkdir, rm } from "node:fs/promises";

await rm("dist", { recursive: true, force: true });
await mkdir("dist", { recursive: true });
await build({
  entryPoints: ["src/main.js"],
  outfile: "dist/webphone.js",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "linked",
});
for (const file of ["index.html", "style.css", "icon.svg"]) await cp(`src/${file}`, `dist/${file}`);
