// A trunk that challenges: the bridge proves its password there, the browser notices nothing of it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, TALK_MS, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { ROOT } from "./lib/causeway.mjs";
import { MELODIES, requireMelody } from "./lib/melody.mjs";
import { Program } from "./lib/process.mjs";

const LIMIT = { timeout: 60_000 };
const SCENARIO = join(ROOT, "tests/e2e/lib/challenging_trunk.xml");

const credentials = (password) => `codecs = ["PCMU"]\nusername = "edge"\npassword = "${password}"\nrealm = "carrier.example"`;

/** SIPp: ends by itself after one call, with 0 if that went as its scenario says. */
async function challengingTrunk({ network }) {
  const address = network.address("trunk");
  const args = ["-sf", SCENARIO, "-i", address, "-p", "5060", "-mi", address, "-mp", "6000", "-rtp_echo", "-m", "1", "-nostdin"];
  return new Program("sipp on trunk", network.spawn("trunk", "sipp", args, { cwd: "/tmp" }));
}

test("the right password is proven, the call is answered and echoed", LIMIT, () =>
  onBridge({ trunk: credentials("edge-secret"), carrier: challengingTrunk }, async ({ browser, trunk, network }) => {
    await browser.dial(TRUNK_NUMBER);
    await browser.call("talking");
    await browser.startRecording();
    await sleep(TALK_MS);
    requireMelody(await browser.heard(), MELODIES.browser, { what: "the echo" });
    await browser.hangUp();
    await trunk.closed;
    assert.equal(trunk.code, 0, trunk.output.slice(-3000));
    await portsFreed(network);
  }));

test("a wrong password is refused by the trunk, and the page is told", LIMIT, () =>
  onBridge({ trunk: credentials("guessed"), carrier: challengingTrunk }, async ({ browser, network }) => {
    await browser.dial(TRUNK_NUMBER);
    await browser.call("idle");
    await browser.says(/403/);
    await portsFreed(network);
  }));
