// A telephone calls a browser.
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, requireBothWays, TALK_MS } from "./lib/bridge_scene.mjs";

const LIMIT = { timeout: 90_000 };

test("the browser rings, answers, and both hear each other until the telephone hangs up", LIMIT, () =>
  onBridge({}, async (scene) => {
    const { browser, trunk, network, edge } = scene;
    await trunk.dial(`sip:alice@${edge}`);
    await browser.call("ringing");
    await browser.answer();
    await browser.call("talking");
    await browser.startRecording();
    await sleep(TALK_MS);
    await trunk.hangUp();
    await browser.call("idle");
    await requireBothWays(scene);
    await portsFreed(network);
  }));

test("a caller that gives up stops the ringing", LIMIT, () =>
  onBridge({}, async ({ browser, trunk, network, edge }) => {
    await trunk.dial(`sip:alice@${edge}`);
    await browser.call("ringing");
    await trunk.hangUp();
    await browser.call("idle");
    await portsFreed(network);
  }));
