// How calls fail and end: refusals reach the page, and nobody who vanishes leaves a call behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { metric, PROXY_ADMIN_PORT, startRelay } from "./lib/causeway.mjs";
import { MELODIES, requireMelody } from "./lib/melody.mjs";
import { until } from "./lib/process.mjs";

const LIMIT = { timeout: 120_000 };
const CODECS = `codecs = ["PCMU", "PCMA"]`;
const TEARDOWN_MS = 45_000; // consent lasts 30 s, RFC 7675

test("cancel, busy and not found reach both sides", LIMIT, () =>
  onBridge({ answers: false, proxy: { routes: `[[route]]\nname = "few"\nmatch = "6XX"\ntrunks = ["carrier"]\n` } }, async ({ browser, trunk, network }) => {
    await browser.dial(TRUNK_NUMBER);
    await trunk.event("CALL_INCOMING");
    await browser.hangUp();
    await trunk.event("CALL_CLOSED");
    await browser.call("idle");
    await portsFreed(network);

    await browser.dial(TRUNK_NUMBER);
    await trunk.event("CALL_INCOMING", { count: 2 });
    await trunk.hangUp();
    await browser.call("idle");
    await browser.says(/486/);

    await browser.dial("999");
    await browser.call("idle");
    await browser.says(/404/);
    await portsFreed(network);
  }));

test("a closed tab ends the call at once", LIMIT, () =>
  onBridge({ trunk: CODECS }, async ({ browser, trunk, network }) => {
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await sleep(2000);
    await browser.closeTab();
    await trunk.event("CALL_CLOSED", { timeout: 5000 });
    await portsFreed(network);
  }));

test("a killed browser's call ends when its media is gone, and its binding with its connection", LIMIT, () =>
  onBridge({ trunk: CODECS }, async ({ browser, trunk, network }) => {
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await sleep(2000);
    assert.equal(metric(network, "edge", PROXY_ADMIN_PORT, "proxy_registrations"), 1);
    browser.kill();
    await until("the binding is gone", () => metric(network, "edge", PROXY_ADMIN_PORT, "proxy_registrations") === 0, { timeout: 5000 });
    await trunk.event("CALL_CLOSED", { timeout: TEARDOWN_MS });
    await portsFreed(network);
    assert.equal(metric(network, "edge", PROXY_ADMIN_PORT, "proxy_teardowns_total"), 1);
  }));

test("without a relay a call fails with a reason, with it again calls succeed", LIMIT, () =>
  onBridge({ trunk: CODECS }, async ({ browser, trunk, network, relay, add }) => {
    await relay.stop("SIGKILL");
    await browser.dial(TRUNK_NUMBER);
    await browser.call("idle");
    await browser.says(/503 Media Relay/);
    add(await startRelay(network, "edge"));
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await browser.startRecording();
    await sleep(5000);
    requireMelody(await browser.heard(), MELODIES.trunk, { what: "what the browser heard after the relay's return" });
    await browser.hangUp();
    await trunk.event("CALL_CLOSED");
    await portsFreed(network);
  }));
