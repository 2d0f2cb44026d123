// The reference pages and the examples say what the programs know.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BIN, makeCertificate, ROOT } from "../e2e/lib/causeway.mjs";

const run = (program, ...args) => execFileSync(join(BIN, program), args, { encoding: "utf8" });

for (const [program, page] of [["causeway-proxy", "proxy-configuration.md"], ["causeway-relay", "relay-configuration.md"]]) {
  test(`docs/${page} is what ${program} prints of itself`, () => {
    assert.equal(readFileSync(join(ROOT, "docs", page), "utf8"), run(program, "--print-reference"));
  });
}

test("the example configuration has no problem", () => {
  const directory = mkdtempSync(join(tmpdir(), "causeway-docs-"));
  try {
    makeCertificate(directory, "192.0.2.1");
    const file = join(directory, "proxy.toml");
    writeFileSync(file, readFileSync(join(ROOT, "deploy/examples/proxy.toml")));
    assert.match(run("causeway-proxy", "--config", file, "--check"), /no problem found/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("every problem of a configuration is named with file, line and remedy", () => {
  const directory = mkdtempSync(join(tmpdir(), "causeway-docs-"));
  const file = join(directory, "proxy.toml");
  writeFileSync(file, `[proxy]
domains = ["example.org"]
loglevel = "info"

[[listen]]
transport = "wss"
address = "0.0.0.0:8443"

[[trunk]]
name = "a"
host = "192.0.2.1"
srtp = "sdes-required"
transport = "udp"
`);
  try {
    assert.throws(() => execFileSync(join(BIN, "causeway-proxy"), ["--config", file, "--check"], { stdio: "pipe" }), (error) => {
      assert.equal(error.status, 78);
      const lines = error.stderr.toString().trim().split("\n");
      assert.ok(lines.every((line) => line.startsWith(file)), lines.join("\n"));
      assert.match(error.stderr.toString(), /proxy\.toml:3: .*loglevel.*log_level/);
      assert.match(error.stderr.toString(), /media keys over unencrypted signalling.*transport = "tls"/);
      assert.match(error.stderr.toString(), /certificate/);
      assert.match(error.stderr.toString(), /advertised/);
      return true;
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
