// A trunk that challenges, as a user agent (401) or as a proxy (407): the bridge proves its password there, the browser
// notices nothing of it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, TALK_MS, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { ROOT } from "./lib/causeway.mjs";
import { MELODIES, requireMelody } from "./lib/melody.mjs";
import { Program, until } from "./lib/process.mjs";
import { ProxyTrunk } from "./lib/proxy_trunk.mjs";

const LIMIT = { timeout: 60_000 };
const SCENARIO = join(ROOT, "tests/e2e/lib/challenging_trunk.xml");

const credentials = (password) => `codecs = ["PCMU"]\nusername = "edge"\npassword = "${password}"\nrealm = "carrier.example"`;

/** SIPp: ends by itself after one call, with 0 if that went as its scenario says. */
async function challengingTrunk({ network }) {
  const address = network.address("trunk");
  const args = ["-sf", SCENARIO, "-i", address, "-p", "5060", "-mi", address, "-mp", "6000", "-rtp_echo", "-m", "1", "-nostdin"];
  return new Program("sipp on trunk", network.spawn("trunk", "sipp", args, { cwd: "/tmp" }));
}

/** One behind a proxy: it challenges BYE as well. */
const challengingProxy = ({ network }) => new ProxyTrunk(network, "trunk", { user: "edge", password: "edge-secret" }).start();

async function hearEcho(browser) {
  await browser.dial(TRUNK_NUMBER);
  await browser.call("talking");
  await browser.startRecording();
  await sleep(TALK_MS);
  requireMelody(await browser.heard(), MELODIES.browser, { what: "the echo" });
  await browser.hangUp();
}

test("the right password is proven, the call is answered and echoed", LIMIT, () =>
  onBridge({ trunk: credentials("edge-secret"), carrier: challengingTrunk }, async ({ browser, trunk, network }) => {
    await hearEcho(browser);
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

test("it is proven to a proxy as well, for BYE once more", LIMIT, () =>
  onBridge({ trunk: credentials("edge-secret"), carrier: challengingProxy }, async ({ browser, trunk, network }) => {
    await hearEcho(browser);
    await until("the trunk has taken the BYE", () => trunk.answers.includes("BYE 200"));
    assert.deepEqual(trunk.answers, ["INVITE 407", "INVITE 200", "BYE 407", "BYE 200"], trunk.output);
    const [challenged, accepted] = trunk.numbers;
    assert.deepEqual(trunk.acknowledged, [challenged, accepted], "both answers are acknowledged, each by its own number");
    assert.ok(trunk.numbers.every((number, i) => i === 0 || number > trunk.numbers[i - 1]), `CSeq rises: ${trunk.numbers}`);
    await portsFreed(network);
  }));

test("a wrong password is refused by a proxy too, and the page is told", LIMIT, () =>
  onBridge({ trunk: credentials("guessed"), carrier: challengingProxy }, async ({ browser, trunk, network }) => {
    await browser.dial(TRUNK_NUMBER);
    await browser.call("idle");
    await browser.says(/403/);
    assert.deepEqual(trunk.answers, ["INVITE 407", "INVITE 403"], trunk.output);
    await portsFreed(network);
  }));
