// Runs the matrix: `tests/kill/run [--short] [--list] [WORDS]`. Exit code 0: every scene passes, or is known to wait for something.
import { runMatrix } from "./lib/matrix.mjs";

const SCENES = ["established", "moments", "many", "sealed", "attacks", "relays", "browser"];
const isShort = process.argv.includes("--short");
const words = process.argv.slice(2).filter((argument) => !argument.startsWith("--")).join(" ");

const rows = (await Promise.all(SCENES.map((name) => import(`./scenes/${name}.mjs`)))).flatMap((module) => module.default);
const chosen = rows.filter((row) => (!isShort || row.short) && `${row.scene} ${row.callers}`.includes(words));
if (process.argv.includes("--list")) for (const { scene, callers } of chosen) console.log(`${scene} (${callers})`);
else process.exitCode = (await runMatrix(chosen)) > 0 ? 1 : 0;
