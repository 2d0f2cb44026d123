// A browser calls a telephone: each hears the other's melody, found by content.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onBridge, talk, talkWatched } from "./lib/bridge_scene.mjs";
import { requireClear, requireSrtp } from "./lib/eavesdropper.mjs";

const LIMIT = { timeout: 90_000 };

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
