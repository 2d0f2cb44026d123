// A browser calls a browser: DTLS-SRTP and ICE on both sides, Opus end to end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, TALK_MS } from "./lib/bridge_scene.mjs";
import { Browser } from "./lib/browser.mjs";
import { USERS, WEB_PORT } from "./lib/causeway.mjs";
import { MELODIES, requireMelody } from "./lib/melody.mjs";

test("two browsers hear each other", { timeout: 90_000 }, () =>
  onBridge({ hosts: ["other"] }, async ({ network, directory, edge, browser: alice, add }) => {
    const bob = add(await Browser.launch({ network, host: "other", directory, melody: MELODIES.other, name: "other" }));
    await bob.open(`https://${edge}:${WEB_PORT}/`, { user: USERS[1].name, password: USERS[1].password });
    await alice.dial("bob");
    await bob.call("ringing");
    await bob.says(/alice is calling/);
    await bob.answer();
    for (const browser of [alice, bob]) {
      await browser.call("talking");
      await browser.startRecording();
    }
    await sleep(TALK_MS);
    for (const browser of [alice, bob]) assert.match((await browser.figures()).codec, /opus/i);
    await bob.hangUp();
    await alice.call("idle");
    requireMelody(await alice.heard(), MELODIES.other, { what: "what alice heard" });
    requireMelody(await bob.heard(), MELODIES.browser, { what: "what bob heard" });
    await portsFreed(network);
  }));
