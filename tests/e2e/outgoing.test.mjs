// A browser calls a telephone: each hears the other's melody, found by content.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, requireBothWays, TALK_MS, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { startCapture } from "./lib/capture.mjs";
import { requireClear, requireSrtp } from "./lib/eavesdropper.mjs";

const LIMIT = { timeout: 90_000 };

async function talk(scene) {
  const { browser, trunk, network } = scene;
  await browser.dial(TRUNK_NUMBER);
  await browser.call("talking");
  await browser.startRecording();
  await sleep(TALK_MS);
  const figures = await browser.figures();
  await browser.hangUp();
  await trunk.event("CALL_CLOSED");
  await requireBothWays(scene);
  await portsFreed(network);
  return figures;
}

/** The same, with a look at the packets between edge and trunk. */
const talkWatched = (requireOfPackets) => async (scene) => {
  const { network, directory, edge, add } = scene;
  const capture = add(await startCapture(network, "trunk", directory));
  const figures = await talk(scene);
  await capture.stop();
  requireOfPackets(capture.packets(), edge, network.address("trunk"));
  return figures;
};

const CODECS = `codecs = ["PCMU", "PCMA"]`;

test("over plain RTP, Opus on the browser's side", LIMIT, () =>
  onBridge({ trunk: CODECS }, async (scene) => {
    const figures = await talkWatched(requireClear)(scene);
    assert.match(figures.codec, /opus/i);
    assert.match(figures.roundTrip, /^\d+ ms$/);
    assert.match(figures.loss, /^0\.\d %$/);
    assert.match(figures.jitter, /^\d+ ms$/);
  }));

test("over SDES-SRTP", LIMIT, () =>
  onBridge({ trunk: `${CODECS}\nsrtp = "sdes-required"\nallow_sdes_without_tls = true`, account: ";mediaenc=srtp-mand" }, talkWatched(requireSrtp)));

test("with a codec both sides speak, untouched", LIMIT, () =>
  onBridge({}, async (scene) => {
    const figures = await talk(scene);
    assert.match(figures.codec, /pcmu/i);
  }));

const saw = (messages, pattern) => messages.some((message) => pattern.test(message));

test("with mDNS candidates", LIMIT, () =>
  onBridge({ trunk: CODECS, browser: { hideMdns: true } }, async (scene) => {
    await talk(scene);
    assert.ok(saw(scene.browser.sent, /^a=candidate:.* [0-9a-f-]{36}\.local /m), "the browser names itself by mDNS");
    assert.ok(!saw(scene.browser.sent, new RegExp(`^a=candidate:.* ${scene.network.address("browser")} `, "m")), "and not by its address");
  }));

test("with the relay as a lite ICE agent", LIMIT, () =>
  onBridge({ trunk: CODECS, relayFlags: ["--ice-lite"] }, async (scene) => {
    await talk(scene);
    assert.ok(saw(scene.browser.received, /^a=ice-lite\r?$/m), "the relay says that it is lite");
  }));
