// A telephone calls a browser.
import { test } from "node:test";
import { onBridge, portsFreed, talkIncoming } from "./lib/bridge_scene.mjs";

const LIMIT = { timeout: 90_000 };

test("the browser rings, answers, and both hear each other until the telephone hangs up", LIMIT, () =>
  onBridge({}, (scene) => talkIncoming(scene)));

test("a caller that gives up stops the ringing", LIMIT, () =>
  onBridge({}, async ({ browser, trunk, network, edge }) => {
    await trunk.dial(`sip:alice@${edge}`);
    await browser.call("ringing");
    await trunk.hangUp();
    await browser.call("idle");
    await portsFreed(network);
  }));
