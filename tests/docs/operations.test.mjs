// docs/operations.md names why packets are dropped.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../e2e/lib/causeway.mjs";

const page = readFileSync(join(ROOT, "docs/operations.md"), "utf8");

/** Code names in the first column of the table under `heading`. */
function documented(heading) {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(section, `docs/operations.md has no section "${heading}"`);
  const firstColumn = section.split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|")[1]);
  return firstColumn.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}

function requireSame(found, named, what) {
  const missing = [...found].filter((name) => !named.includes(name)).sort();
  const stale = named.filter((name) => !found.has(name)).sort();
  assert.deepEqual({ missing, stale }, { missing: [], stale: [] }, `${what}, docs/operations.md: missing, or named and not there`);
  assert.equal(new Set(named).size, named.length, `${what} named twice`);
}

test("every reason of a dropped packet is named, and no other", () => {
  const [, table] = readFileSync(join(ROOT, "relay/session/drop_reason.h"), "utf8").match(/kDropReasons\{([^}]*)\}/);
  const reasons = new Set([...table.matchAll(/"([^"]+)"/g)].map(([, name]) => name));
  assert.ok(reasons.size > 10, `only ${reasons.size} reasons found`);
  requireSame(reasons, documented("Dropped packets"), "reasons");
});
