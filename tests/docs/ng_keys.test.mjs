// docs/ng-keys.md names every key and flag that the reader of ng requests knows, and says which of them only warn.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../e2e/lib/causeway.mjs";

const text = (file) => readFileSync(join(ROOT, file), "utf8");
const names = text("control-protocol/flags/flag_names.h");
const flagsReader = text("control-protocol/flags/flags_reader.cc");
const requestReader = text("control-protocol/message/request_reader.cc");

/** How the words of a table of flag_names.h are spelt as flags. */
const PREFIXES = {
  kPlain: "", kRtcpMux: "rtcp-mux-", kReplace: "replace-", kOsrtp: "OSRTP-", kSdes: "SDES-", kCodec: "codec-",
  kIce: "ICE=", kDtls: "DTLS=", kTransport: "", kNotSupported: "",
};

/** Words of each table, spelt as flags, by the table's name. */
const tables = Object.fromEntries(
  [...names.matchAll(/^inline constexpr std::array<[^=]*?\s(k\w+)\{\{\n(.*?)^\}\};/gms)].map(([, table, body]) => {
    assert.ok(table in PREFIXES, `${table} of flag_names.h: say here how its words are spelt`);
    return [table, [...body.matchAll(/^ {4}\{"([^"]+)"/gm)].map(([, word]) => PREFIXES[table] + word)];
  }),
);

const keys = [
  ...[...requestReader.matchAll(/Field\{"([^"]+)"/g)].map(([, key]) => key),
  ...[...flagsReader.matchAll(/\bname == "([^"]+)"/g)].map(([, key]) => key),
];

/** What stands in the second column, by every name in the first. */
const rows = text("docs/ng-keys.md").split("\n").filter((line) => line.startsWith("| `")).flatMap((line) => {
  const [, first, status] = line.split("|").map((cell) => cell.trim());
  return [...first.matchAll(/`([^`]+)`/g)].map(([, name]) => [name.toLowerCase(), status]);
});
const status = new Map(rows);

test("the sources are read as they are written", () => {
  assert.deepEqual(Object.keys(tables).sort(), Object.keys(PREFIXES).sort());
  for (const [table, words] of Object.entries(tables)) assert.ok(words.length > 1, `${table} is read as empty`);
  assert.ok(keys.includes("call-id") && keys.includes("direction") && keys.includes("ptime"), keys.join());
});

test("every key and flag that the reader knows is named, and is honoured, default or warned", () => {
  for (const name of [...keys, ...Object.values(tables).flat()]) {
    assert.match(status.get(name.toLowerCase()) ?? "", /^(honoured|default|warned)$/, `docs/ng-keys.md does not name ${name}`);
  }
});

test("what is not supported is said to be warned about, and nothing else", () => {
  const warned = [...status].filter(([, says]) => says === "warned").map(([name]) => name);
  const expected = [...tables.kNotSupported.map((name) => name.toLowerCase()), "ice-lite"];
  assert.deepEqual(warned.sort(), expected.sort());
});

test("nothing is named twice", () => {
  assert.equal(status.size, rows.length);
});
