// Telephones of users: behind NAT with a private address in SIP and SDP, and over TCP; a stranger at the relay's ports.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, portsFreed, TALK_MS, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { startCapture } from "./lib/capture.mjs";
import { MELODIES, requireMelody, requireNoMelody } from "./lib/melody.mjs";
import { startPhone } from "./lib/phone.mjs";
import { until } from "./lib/process.mjs";
import { isRtp } from "./lib/rtp.mjs";
import { Stranger } from "./lib/stranger.mjs";
import { NgClient, UdpHost } from "./lib/udp.mjs";

const LIMIT = { timeout: 90_000 };
const STRANGE_FRAMES = 150;

/** Every stream of the one running call, as the relay tells of it. */
async function streams(ng) {
  const { calls } = await ng.ask("list");
  assert.equal(calls.length, 1);
  const { tags } = await ng.ask("query", { "call-id": calls[0] });
  return Object.values(tags).flatMap(({ medias }) => medias.flatMap((medium) => medium.streams));
}

const errorsOf = (list) => list.reduce((sum, { stats }) => sum + stats.errors, 0);

async function callBob({ browser, phone, network }, meanwhile = async () => {}) {
  await browser.dial("bob");
  await browser.call("talking");
  await browser.startRecording();
  await Promise.all([sleep(TALK_MS), meanwhile()]);
  await browser.hangUp();
  await phone.event("CALL_CLOSED");
  const heard = await browser.heard();
  requireMelody(heard, MELODIES.other, { what: "what the browser heard" });
  requireMelody(phone.heard(), MELODIES.browser, { what: "what the phone heard" });
  await portsFreed(network);
  return heard;
}

test("a phone behind NAT is called, both are heard, and a third host's RTP is refused", LIMIT, () =>
  onBridge({ hosts: ["router", "stranger"] }, async (scene) => {
    const { network, directory, edge, add } = scene;
    network.addBehindNat("phone", "router");
    const phone = add(await startPhone(network, "phone", directory, { edge }));
    const stranger = add(new Stranger(network, "stranger"));
    const ng = await NgClient.open(add(new UdpHost(network, "edge")));
    const capture = add(await startCapture(network, "stranger", directory));

    const heard = await callBob({ ...scene, phone }, async () => {
      await sleep(1000);
      const isKnown = (list) => list.some(({ endpoint }) => endpoint?.address === network.address("router")) && list;
      const before = await until("the phone is known by its router's address", async () => isKnown(await streams(ng)));
      const ports = before.map((stream) => ({ address: edge, port: stream["local port"] }));
      await stranger.sing(MELODIES.stranger, ports, STRANGE_FRAMES);
      const refused = errorsOf(await streams(ng)) - errorsOf(before);
      assert.ok(refused >= STRANGE_FRAMES, `${refused} packets were refused and counted`);
    });
    requireNoMelody(heard, MELODIES.stranger, { what: "what the browser heard" });
    requireNoMelody(phone.heard(), MELODIES.stranger, { what: "what the phone heard" });
    await capture.stop();
    const leaked = capture.packets().filter(({ destination, payload }) => destination === network.address("stranger") && isRtp(payload));
    assert.equal(leaked.length, 0, "the stranger gets no media");
  }));

test("a phone behind NAT calls a telephone", LIMIT, () =>
  onBridge({ hosts: ["router"] }, async ({ network, directory, edge, trunk, add }) => {
    network.addBehindNat("phone", "router");
    const phone = add(await startPhone(network, "phone", directory, { edge }));
    await phone.dial(`sip:${TRUNK_NUMBER}@${edge}`);
    await phone.event("CALL_ESTABLISHED");
    await sleep(TALK_MS);
    await trunk.hangUp();
    await phone.event("CALL_CLOSED");
    requireMelody(phone.heard(), MELODIES.trunk, { what: "what the phone heard" });
    requireMelody(trunk.heard(), MELODIES.other, { what: "what the trunk heard" });
    await portsFreed(network);
  }));

test("a phone registered over TCP is called", LIMIT, () =>
  onBridge({ hosts: ["phone"] }, async (scene) => {
    const phone = scene.add(await startPhone(scene.network, "phone", scene.directory, { edge: scene.edge, transport: "tcp" }));
    await callBob({ ...scene, phone });
  }));
