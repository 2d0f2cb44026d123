// deploy/up as a stranger runs it, on a host of its own: a call through it, a second run, the end.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fetchText, PROXY_ADMIN_PORT, RELAY_HTTP_PORT, ROOT } from "./lib/causeway.mjs";
import { finish } from "./lib/process.mjs";
import { onStage } from "./lib/scene.mjs";

const UP_MS = 150_000;
const SECOND_UP_MS = 20_000; // it is fast
const DOWN_MS = 30_000; // proxy, relay and trunk have five seconds each
const LIMIT = { timeout: UP_MS + SECOND_UP_MS + 2 * DOWN_MS + 10_000 };

test("deploy/up --check places a call, a second run leaves the bridge alone, deploy/down ends it", LIMIT, () =>
  onStage(["host"], async ({ network, directory, add }) => {
    const state = join(directory, "state");
    mkdirSync(state);
    const deploy = (deadline, name, ...args) =>
      finish(`deploy/${name}`, network.spawn("host", join(ROOT, "deploy", name), ["--state", state, ...args], { detached: true }), deadline);
    add({ stop: () => deploy(DOWN_MS, "down") });

    const first = await deploy(UP_MS, "up", "--check");
    assert.match(first, new RegExp(`page +https://${network.address("host")}:8443/`));
    assert.match(first, /check passed: .*opus/i);

    const pids = () => ["relay", "proxy", "echo"].map((name) => readFileSync(join(state, `${name}.pid`), "utf8"));
    const before = pids();
    await deploy(SECOND_UP_MS, "up");
    assert.deepEqual(pids(), before);

    await deploy(DOWN_MS, "down");
    assert.equal(fetchText(network, "host", `http://127.0.0.1:${PROXY_ADMIN_PORT}/healthz`), undefined);
    assert.equal(fetchText(network, "host", `http://127.0.0.1:${RELAY_HTTP_PORT}/healthz`), undefined);
  }));
