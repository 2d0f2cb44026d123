// causeway-relay takes its configuration from flags, from a file, or from both, and refuses it with file, line and remedy.
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { BIN } from "../e2e/lib/causeway.mjs";
import { Program } from "../e2e/lib/process.mjs";

const RELAY = join(BIN, "causeway-relay");
const run = promisify(execFile);

/** Exit code and what was printed. */
const outcome = (...args) => run(RELAY, args).then(({ stdout }) => ({ code: 0, text: stdout }), ({ code, stderr }) => ({ code, text: stderr }));

async function inFolder(play) {
  const directory = mkdtempSync(join(tmpdir(), "causeway-relay-"));
  try {
    await play((text) => {
      const file = join(directory, "relay.toml");
      writeFileSync(file, text);
      return file;
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("flags alone are a configuration, in long and short spellings", async () => {
  for (const args of [
    ["--interface=192.0.2.1", "--listen-ng=127.0.0.1:2299", "--port-min=20000", "--port-max=20100", "--num-threads=2", "--timeout=60", "--max-sessions=10", "--foreground", "--log-level=warn"],
    ["-i", "inside/192.0.2.1", "-i", "outside/192.0.2.2!198.51.100.2", "-i", "2001:db8::1", "-n", "2299", "-m", "20000", "-M", "20100", "-o", "2m", "-f", "-L", "7"],
  ]) {
    const { code, text } = await outcome(...args, "--check");
    assert.equal(code, 0, text);
    assert.match(text, /no problem found/);
  }
});

test("a wrong flag is refused with its remedy", async () => {
  for (const [args, words] of [
    [["--interface=192.0.2.1", "--port-min=0"], /port-min.*1024 to 65534/],
    [["--interface=192.0.2.1", "--port-min=30000", "--port-max=20000"], /port_max/],
    [["--interface=somewhere"], /--interface.*somewhere.*192\.0\.2/],
    [["--interface=192.0.2.1", "--listen-ng=198.51.100.1:2223"], /ng.*peers/],
  ]) {
    const { code, text } = await outcome(...args, "--check");
    assert.equal(code, 78, `${args}: ${text}`);
    assert.match(text, words);
  }
});

test("the sample is a valid file, and a mistake in a file is named with its line", () =>
  inFolder(async (write) => {
    assert.match((await outcome("--config", write(execFileSync(RELAY, ["--print-sample"], { encoding: "utf8" })), "--check")).text, /no problem found/);
    const file = write(`[relay]\ninterface = ["192.0.2.1"]\nport_mni = 5\n\n[ng]\nlisten = "nowhere"\n`);
    const { code, text } = await outcome("--config", file, "--check");
    assert.equal(code, 78);
    assert.match(text, new RegExp(`${file}:3: .*port_mni.*port_min`));
    assert.match(text, new RegExp(`${file}:6: ng.listen "nowhere"`));
  }));

test("a relay starts from a file, and a flag overrides it", () =>
  inFolder(async (write) => {
    const file = write(`[relay]\ninterface = ["127.0.0.1"]\nport_min = 21000\nport_max = 21100\n[ng]\nlisten = "127.0.0.1:22993"\n[http]\nlisten = "127.0.0.1:22991"\n`);
    const relay = new Program("causeway-relay", spawn(RELAY, ["--config", file, "--listen-ng=127.0.0.1:22994"]));
    try {
      await relay.says("relay.started");
      assert.match(relay.output, /ng=127\.0\.0\.1:22994/);
      assert.equal((await fetch("http://127.0.0.1:22991/healthz")).status, 200);
    } finally {
      await relay.stop();
    }
    assert.equal(relay.code, 0);
  }));
