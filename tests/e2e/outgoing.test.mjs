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
  }));

test("over SDES-SRTP", LIMIT, () =>
  onBridge({ trunk: `${CODECS}\nsrtp = "sdes-required"\nallow_sdes_without_tls = true`, account: ";mediaenc=srtp-mand" }, talkWatched(requireSrtp)));

test("with a codec both sides speak, untouched", LIMIT, () =>
  onBridge({}, async (scene) => {
    const figures = await talk(scene);
    assert.match(figures.codec, /pcmu/i);
  }));

test("with mDNS candidates", LIMIT, () => onBridge({ trunk: CODECS, browser: { hideMdns: true } }, talk));

test("with the relay as a lite ICE agent", LIMIT, () => onBridge({ trunk: CODECS, relayFlags: ["--ice-lite"] }, talk));
