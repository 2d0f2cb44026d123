// deploy/up as a stranger runs it, on a host of its own: a call through it, a second run, the end.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fetchText, PROXY_ADMIN_PORT, RELAY_HTTP_PORT, ROOT } from "./lib/causeway.mjs";
import { onStage } from "./lib/scene.mjs";

test("deploy/up --check places a call, a second run leaves the bridge alone, deploy/down ends it", { timeout: 180_000 }, () =>
  onStage(["host"], async ({ network, directory, add }) => {
    const state = join(directory, "state");
    mkdirSync(state);
    const deploy = (name, ...args) => network.run("host", join(ROOT, "deploy", name), ["--state", state, ...args]);
    add({ stop: async () => execFileSync(join(ROOT, "deploy/down"), ["--state", state], { stdio: "ignore" }) });

    const first = deploy("up", "--check");
    assert.match(first, new RegExp(`page +https://${network.address("host")}:8443/`));
    assert.match(first, /check passed: .*opus/i);

    const pids = () => ["relay", "proxy", "echo"].map((name) => readFileSync(join(state, `${name}.pid`), "utf8"));
    const before = pids();
    const started = Date.now();
    deploy("up");
    assert.ok(Date.now() - started < 20_000, "a second run is fast");
    assert.deepEqual(pids(), before);

    deploy("down");
    assert.equal(fetchText(network, "host", `http://127.0.0.1:${PROXY_ADMIN_PORT}/healthz`), undefined);
    assert.equal(fetchText(network, "host", `http://127.0.0.1:${RELAY_HTTP_PORT}/healthz`), undefined);
  }));
