// A Chromium with the web phone (SIP.js) whose node dies: it comes back over a WebSocket to the other node by itself.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Baresip } from "../../e2e/lib/baresip.mjs";
import { Browser } from "../../e2e/lib/browser.mjs";
import { USERS, WEB_PORT } from "../../e2e/lib/causeway.mjs";
import { MELODIES, requireMelody, tonesOf } from "../../e2e/lib/melody.mjs";
import { until } from "../../e2e/lib/process.mjs";
import { onPair, TAKEOVER_MS } from "../lib/pair.mjs";

const FRAME_MS = 40; // of tonesOf()
const LONGEST_GAP_MS = 200;
const TALK_MS = 3000;
const RETURN_MS = 25_000;
const NUMBER = "600";

/** play(scene) with scene.browser registered at the first service address, and scene.phone behind the first trunk. */
const onBrowser = ({ answers = true }, play) => {
  let words;
  return onPair({ hosts: ["browser"], gateways: false }, async (scene) => {
    const { network, directory, add, pair } = scene;
    const account = answers ? ";answermode=auto" : "";
    scene.phone = add(await new Baresip(network, "trunk", directory, { user: NUMBER, melody: MELODIES.trunk, account }).start());
    scene.browser = add(await Browser.launch({ network, host: "browser", directory, melody: MELODIES.browser }));
    const [{ name, password }] = USERS;
    await scene.browser.open(`https://${pair.services[0]}:${WEB_PORT}/`, { user: name, password });
    words = await play(scene);
  }).then(() => words);
};

/** The browser's node goes; gives how long the browser was without a registration. */
async function harmAndReturn({ pair, browser }, how) {
  const begun = Date.now();
  const registers = () => browser.received.filter((message) => /^SIP\/2\.0 200[^]*\nCSeq: *\d+ REGISTER/i.test(message)).length;
  const before = registers();
  const harmed = pair.harm(how, pair.holderOf(pair.services[0]));
  await until("the browser has registered again", () => registers() > before, { timeout: RETURN_MS });
  await browser.registration("registered");
  const took = Date.now() - begun;
  await harmed;
  return took;
}

function requireNoGap(recording, what) {
  const frames = tonesOf(recording.samples, recording.rate);
  const first = frames.findIndex((tone) => tone > 0);
  let [run, longest] = [0, 0];
  for (const tone of frames.slice(first)) longest = Math.max(longest, (run = tone === 0 ? run + 1 : 0));
  assert.ok(longest * FRAME_MS <= LONGEST_GAP_MS, `${what} was silent for ${longest * FRAME_MS} ms`);
}

/** An end heard the other one all the time. */
function requireVoice(recording, melody, what) {
  requireMelody(recording, melody, { what });
  requireNoGap(recording, what);
}

const talk = (how, ender) => () => onBrowser({}, async (scene) => {
  const { browser, phone, pair } = scene;
  await browser.dial(NUMBER);
  await browser.call("talking");
  await browser.startRecording();
  await sleep(TALK_MS);
  const away = await harmAndReturn(scene, how);
  await sleep(TALK_MS);
  const heard = await browser.heard();
  await (ender === "browser" ? browser.hangUp() : phone.hangUp());
  await phone.event("CALL_CLOSED", { timeout: 5000 });
  await browser.call("idle", 5000);
  await until("the relays have forgotten the call", () => pair.relayCalls() === 0, { timeout: 3000 });
  requireVoice(heard, MELODIES.trunk, "what the browser heard");
  requireVoice(phone.heard(), MELODIES.browser, "what the trunk heard");
  return `no gap, back after ${(away / 1000).toFixed(1)} s, ended by the ${ender}`;
});

const ringing = (how) => () => onBrowser({ answers: false }, async (scene) => {
  const { browser, phone } = scene;
  await browser.dial(NUMBER);
  await phone.event("CALL_INCOMING");
  await sleep(1000);
  const away = await harmAndReturn(scene, how);
  await sleep(Math.max(0, 5000 - TAKEOVER_MS - away));
  await phone.accept();
  await browser.call("talking", RETURN_MS);
  await browser.startRecording();
  await sleep(2 * TALK_MS);
  requireMelody(await browser.heard(), MELODIES.trunk, { what: "what the browser heard" });
  await browser.hangUp();
  await phone.event("CALL_CLOSED", { timeout: 5000 });
  assert.equal(phone.events.filter(({ type }) => type === "CALL_INCOMING").length, 1, "the trunk rang once");
  return `answered, back after ${(away / 1000).toFixed(1)} s`;
});

/** The trunk calls the browser, which rings when its node goes. */
const called = (how) => () => onBrowser({}, async (scene) => {
  const { browser, phone, pair } = scene;
  await phone.dial(`sip:${USERS[0].name}@${pair.services[0]}`);
  await browser.call("ringing");
  await harmAndReturn(scene, how);
  await browser.answer();
  await browser.call("talking");
  await phone.event("CALL_ESTABLISHED", { timeout: 10_000 });
  await browser.hangUp();
  await phone.event("CALL_CLOSED", { timeout: 5000 });
  return "answered";
});

const EXPECTED = "audio without a gap, it comes back, BYE";
const row = (scene, expected, play, more = {}) => ({ scene: `browser: ${scene}`, callers: "Chromium", expected, play, ...more });

export default [
  row("established, node killed, browser's BYE", EXPECTED, talk("kill", "browser"), { short: true }),
  row("established, node killed, trunk's BYE", EXPECTED, talk("kill", "trunk")),
  row("established, node stopped for 5 s, browser's BYE", EXPECTED, talk("stop", "browser")),
  row("ringing at the trunk, node killed, answered later", "one ring, answered", ringing("kill")),
  row("ringing in the browser, node killed, answered later", "answered", called("kill")),
];
