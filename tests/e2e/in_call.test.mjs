// What happens within a call: hold and resume, digits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, requireBothWays, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { startCapture, telephoneEvents } from "./lib/capture.mjs";
import { MELODIES, requireMelody, requireNoMelody } from "./lib/melody.mjs";

const LIMIT = { timeout: 90_000 };
const CODECS = `codecs = ["PCMU", "PCMA"]`;
const PART_MS = 5000;

test("hold is silence for both, resume brings the voices back", LIMIT, () =>
  onBridge({ trunk: CODECS }, async (scene) => {
    const { browser, trunk, network } = scene;
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await browser.startRecording();
    await sleep(PART_MS);
    requireMelody(await browser.heard(), MELODIES.trunk, { what: "before the hold" });
    await browser.hold();
    await browser.call("held");
    await sleep(1000);
    await browser.heard();
    await sleep(PART_MS);
    requireNoMelody(await browser.heard(), MELODIES.trunk, { what: "during the hold" });
    await browser.hold();
    await browser.call("talking");
    await sleep(1000);
    await browser.heard();
    await sleep(PART_MS);
    await requireBothWays(scene);
    await browser.hangUp();
    await trunk.event("CALL_CLOSED");
    await portsFreed(network);
  }));

test("digits arrive as telephone events, each once and in order", LIMIT, () =>
  onBridge({ trunk: CODECS }, async ({ browser, trunk, network, directory, add }) => {
    const digits = "1590#*";
    const capture = add(await startCapture(network, "trunk", directory));
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await sleep(1500);
    await browser.digits(digits);
    await sleep(digits.length * 400 + 1500);
    await browser.hangUp();
    await trunk.event("CALL_CLOSED");
    await capture.stop();
    const events = telephoneEvents(capture.packets(), { to: network.address("trunk") });
    assert.equal(events.map(({ digit }) => digit).join(""), digits);
    for (const event of events) {
      assert.equal(event.ended, true, `digit ${event.digit} has an end`);
      assert.ok(event.duration >= 640 && event.duration <= 1600, `digit ${event.digit} lasts ${event.duration} ticks of 1/8000 s`);
    }
  }));

test("a muted browser is silent, and heard again afterwards", LIMIT, () =>
  onBridge({ trunk: CODECS }, async ({ browser, trunk }) => {
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await browser.mute();
    assert.equal(await browser.page.getAttribute("#mute", "aria-pressed"), "true");
    await sleep(PART_MS);
    await browser.mute();
    await sleep(PART_MS);
    await browser.hangUp();
    await trunk.event("CALL_CLOSED");
    const { samples, rate } = trunk.heard();
    const part = (from, to = Infinity) => ({ samples: samples.slice(from * rate, to * rate), rate });
    requireNoMelody(part(1.5, 4.5), MELODIES.browser, { what: "while muted" });
    requireMelody(part(6), MELODIES.browser, { what: "after that", transitions: 5 });
  }));
