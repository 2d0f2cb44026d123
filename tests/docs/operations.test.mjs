// docs/operations.md names what the programs say of themselves: every log event, and why packets are dropped.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../e2e/lib/causeway.mjs";

const SOURCES = ["common", "control-protocol", "proxy", "relay"];
const LOG = "common/log/"; // where logging itself is made

const page = readFileSync(join(ROOT, "docs/operations.md"), "utf8");

/** Code names in the first column of the table under `heading`. */
function documented(heading) {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(section, `docs/operations.md has no section "${heading}"`);
  const firstColumn = section.split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|")[1]);
  return firstColumn.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}

const sources = () =>
  SOURCES.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((file) => `${folder}/${file}`))
    .filter((file) => /\.(cc|h)$/.test(file) && !file.startsWith(LOG))
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));

function requireSame(found, named, what) {
  const missing = [...found].filter((name) => !named.includes(name)).sort();
  const stale = named.filter((name) => !found.has(name)).sort();
  assert.deepEqual({ missing, stale }, { missing: [], stale: [] }, `${what}, docs/operations.md: missing, or named and not there`);
  assert.equal(new Set(named).size, named.length, `${what} named twice`);
}

test("every event that the programs log is named, and no other", () => {
  const events = new Set();
  for (const { file, text } of sources()) {
    for (const [call, event] of text.matchAll(/\blog::(?:(?:debug|info|warn|error)\(\s*|write\([^"]*?,\s*)("[^"]*"|.{0,40})/g)) {
      assert.match(event, /^"[a-z_]+\.[a-z_]+"$/, `${file}: ${call} gives no event name that can be looked up`);
      events.add(event.slice(1, -1));
    }
  }
  assert.ok(events.size > 20, `only ${events.size} events found`);
  requireSame(events, documented("Logs"), "log events");
});

test("every reason of a dropped packet is named, and no other", () => {
  const [, table] = readFileSync(join(ROOT, "relay/session/drop_reason.h"), "utf8").match(/kDropReasons\{([^}]*)\}/);
  const reasons = new Set([...table.matchAll(/"([^"]+)"/g)].map(([, name]) => name));
  assert.ok(reasons.size > 10, `only ${reasons.size} reasons found`);
  requireSame(reasons, documented("Dropped packets"), "reasons");
});
