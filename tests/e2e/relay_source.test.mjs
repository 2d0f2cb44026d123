// Whom the relay listens to: real sockets on four hosts, the relay driven directly over ng.
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { startRelay } from "./lib/causeway.mjs";
import { until } from "./lib/process.mjs";
import { heard, mediaAddress, plainSdp, Talker } from "./lib/rtp.mjs";
import { onStage } from "./lib/scene.mjs";
import { NgClient, UdpHost } from "./lib/udp.mjs";

const HOSTS = ["edge", "phone", "trunk", "intruder"];
const PRIVATE = "192.168.1.5";
const TONE = { phone: 0x11, trunk: 0x22, intruder: 0x66 };
const SSRC = { phone: 0x1111, trunk: 0x2222, intruder: 0x6666 };
const CALL = { "call-id": "source-test", "from-tag": "phone", "to-tag": "trunk" };

/** A call between phone and trunk. `sdp` and `request` change what the phone's offer says of itself. */
async function call({ network, add }, { sdp = {}, request = {}, flags = ["trust-address"] } = {}) {
  add(await startRelay(network, "edge"));
  const hosts = Object.fromEntries(HOSTS.map((name) => [name, add(new UdpHost(network, name))]));
  const [phone, trunk, intruder] = await Promise.all(["phone", "trunk", "intruder"].map((name) => hosts[name].open()));
  const ng = await NgClient.open(hosts.edge);
  add({ stop: () => ng.request("delete", { "call-id": CALL["call-id"] }) });
  const media = { "transport-protocol": "RTP/AVP", ICE: "remove", flags };
  const offerSdp = plainSdp({ address: phone.address, port: phone.port, ...sdp });
  const offer = await ng.ask("offer", { ...CALL, ...media, ...request, sdp: offerSdp });
  const answer = await ng.ask("answer", { ...CALL, ...media, sdp: plainSdp({ address: trunk.address, port: trunk.port }) });
  const talk = (socket, who) => new Talker(socket, { ssrc: SSRC[who], tone: TONE[who] });
  return {
    ng, hosts, offerSdp, media,
    phone, trunk, intruder,
    toPhone: mediaAddress(answer.sdp), // the relay's port that the phone talks to
    toTrunk: mediaAddress(offer.sdp),
    phoneTalks: talk(phone, "phone"), trunkTalks: talk(trunk, "trunk"), intruderTalks: talk(intruder, "intruder"),
    async phoneMedium() {
      return (await ng.ask("query", { "call-id": CALL["call-id"] })).tags.phone.medias[0];
    },
  };
}

const quiet = () => sleep(200);
const hears = (socket, tone, frames) => until(`${socket.address} hears ${frames} frames of ${tone}`, () => heard(socket, tone) >= frames, { timeout: 3000 });

/** Phone and trunk talk `frames` frames each; both are heard, nobody else is. */
async function talkBothWays(scene, frames = 10) {
  const [atTrunk, atPhone] = [heard(scene.trunk, TONE.phone), heard(scene.phone, TONE.trunk)];
  scene.phoneTalks.say(scene.toPhone, frames);
  await hears(scene.trunk, TONE.phone, atTrunk + frames);
  scene.trunkTalks.say(scene.toTrunk, frames);
  await hears(scene.phoneTalks.socket, TONE.trunk, atPhone + frames);
}

async function requireDeafTo(scene, frames = 50) {
  const before = (await scene.phoneMedium()).streams[0].stats.errors;
  scene.intruderTalks.say(scene.toPhone, frames);
  await until("the refused packets are counted", async () => (await scene.phoneMedium()).streams[0].stats.errors >= before + frames, { timeout: 3000 });
  assert.equal(heard(scene.trunk, TONE.intruder), 0, "the trunk hears no stranger");
  assert.equal(heard(scene.intruder, TONE.trunk), 0, "the stranger hears no trunk");
}

test("a phone behind NAT with a private SDP address is learnt and heard, a third host is refused", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage, {
      sdp: { address: PRIVATE, port: 4000 },
      request: { "received-from": ["IP4", stage.network.address("phone")] },
    });
    await talkBothWays(scene);
    await requireDeafTo(scene);
    await talkBothWays(scene);
    const medium = await scene.phoneMedium();
    assert.equal(medium.streams[0].endpoint.address, scene.phone.address);
    assert.equal(medium.streams[0].endpoint.port, scene.phone.port);
    assert.ok(medium.streams[0].flags.includes("confirmed"));
    assert.equal(medium["source changes"], undefined);
  }));

test("without a word from signalling the first that keeps sending is learnt, nobody after it", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage, { sdp: { address: PRIVATE, port: 4000 } });
    scene.phoneTalks.say(scene.toPhone, 3); // two packets are not enough, the third is heard
    await hears(scene.trunk, TONE.phone, 1);
    assert.equal(heard(scene.trunk, TONE.phone), 1);
    await talkBothWays(scene);
    await requireDeafTo(scene);
  }));

test("a pinned source is not displaced by a flood, and a squatter gives way to the phone", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage, {
      sdp: { address: PRIVATE, port: 4000 },
      request: { "received-from": ["IP4", stage.network.address("phone")] },
    });
    scene.intruderTalks.say(scene.toPhone, 10); // first come: nobody else is there yet
    await quiet();
    scene.phoneTalks.say(scene.toPhone, 1);
    await hears(scene.trunk, TONE.phone, 1);
    const squatted = heard(scene.trunk, TONE.intruder);
    scene.intruderTalks.say(scene.toPhone, 200);
    await quiet();
    assert.equal(heard(scene.trunk, TONE.intruder), squatted, "the squatter is out for good");
    await talkBothWays(scene);
    assert.equal(heard(scene.intruder, TONE.trunk), 0);
    assert.equal((await scene.phoneMedium())["source changes"], 1);
  }));

test("media at the port of RTCP is refused, whoever sends it", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage, { sdp: { address: PRIVATE, port: 4000 }, request: { "received-from": ["IP4", stage.network.address("phone")] } });
    await talkBothWays(scene);
    const rtcp = { address: scene.toPhone.address, port: scene.toPhone.port + 1 };
    scene.intruderTalks.say(rtcp, 20);
    new Talker(await scene.hosts.phone.open(), { ssrc: SSRC.phone, tone: TONE.intruder }).say(rtcp, 20);
    await until("the refused packets are counted", async () => (await scene.phoneMedium()).streams[1].stats.errors === 40, { timeout: 3000 });
    assert.equal(heard(scene.trunk, TONE.intruder), 0, "the trunk hears no stranger");
    await talkBothWays(scene);
  }));

test("strict-source takes the announced address and port only", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage, { flags: ["trust-address", "strict-source"] });
    const elsewhere = new Talker(await scene.hosts.phone.open(), { ssrc: SSRC.phone, tone: TONE.intruder });
    elsewhere.say(scene.toPhone, 20);
    await quiet();
    assert.equal(heard(scene.trunk, TONE.intruder), 0);
    await talkBothWays(scene);
    elsewhere.say(scene.toPhone, 20);
    await quiet();
    assert.equal(heard(scene.trunk, TONE.intruder), 0);
    assert.ok((await scene.phoneMedium()).streams[0].stats.errors >= 40);
  }));

test("an asymmetric phone is heard from wherever it sends and spoken to where it announced", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage, { flags: ["trust-address", "asymmetric"] });
    const sender = await scene.hosts.phone.open();
    new Talker(sender, { ssrc: SSRC.phone, tone: TONE.phone }).say(scene.toPhone, 10);
    await hears(scene.trunk, TONE.phone, 10);
    scene.trunkTalks.say(scene.toTrunk, 10);
    await hears(scene.phone, TONE.trunk, 10);
    assert.equal(heard(sender, TONE.trunk), 0);
    const medium = await scene.phoneMedium();
    assert.equal(medium.streams[0].endpoint.port, scene.phone.port);
    assert.equal(medium["source changes"], undefined);
  }));

test("another port of the phone is followed when its stream goes on there, and only then", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage);
    await talkBothWays(scene);
    const rebound = await scene.hosts.phone.open();
    new Talker(rebound, { ssrc: SSRC.phone + 1, tone: TONE.intruder }).say(scene.toPhone, 20);
    await quiet();
    assert.equal(heard(scene.trunk, TONE.intruder), 0, "another stream from there is no evidence");
    scene.phoneTalks.moveTo(rebound);
    scene.phoneTalks.say(scene.toPhone, 10);
    await hears(scene.trunk, TONE.phone, 20);
    scene.trunkTalks.say(scene.toTrunk, 10);
    await hears(rebound, TONE.trunk, 10);
    const medium = await scene.phoneMedium();
    assert.equal(medium["source changes"], 1);
    assert.equal(medium.streams[0].endpoint.port, rebound.port);
  }));

test("a re-offer with another address moves the phone there", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await call(stage);
    await talkBothWays(scene);
    const moved = await scene.hosts.phone.open();
    const sdp = plainSdp({ address: moved.address, port: moved.port });
    await scene.ng.ask("offer", { ...CALL, ...scene.media, sdp });
    await scene.ng.ask("answer", { ...CALL, ...scene.media, sdp: plainSdp({ address: scene.trunk.address, port: scene.trunk.port }) });
    scene.trunkTalks.say(scene.toTrunk, 5);
    await hears(moved, TONE.trunk, 5);
    new Talker(moved, { ssrc: 0x3333, tone: 0x33 }).say(scene.toPhone, 5);
    await hears(scene.trunk, 0x33, 5);
  }));

test("the same over IPv6, also from IPv4 to IPv6", { timeout: 30_000 }, () =>
  onStage(HOSTS, async ({ network, add }) => {
    add(await startRelay(network, "edge", { addresses: [network.address("edge"), network.address6("edge")] }));
    const hosts = Object.fromEntries(HOSTS.map((name) => [name, add(new UdpHost(network, name))]));
    const ng = await NgClient.open(hosts.edge);
    const trunk = await hosts.trunk.open({ address: network.address6("trunk") });
    const media = { "transport-protocol": "RTP/AVP", ICE: "remove", flags: ["trust-address"] };
    const address6 = { "address-family": "IP6" };
    for (const [id, address, family] of [["v6", network.address6("phone"), "IP6"], ["v4", network.address("phone"), "IP4"]]) {
      const phone = await hosts.phone.open({ address });
      const names = { "call-id": id, "from-tag": "phone", "to-tag": "trunk" };
      const offer = await ng.ask("offer", { ...names, ...media, ...address6, sdp: plainSdp(phone) });
      const answer = await ng.ask("answer", { ...names, ...media, "address-family": family, sdp: plainSdp(trunk) });
      assert.match(offer.sdp, /^c=IN IP6 fd77:/m);
      assert.match(answer.sdp, new RegExp(`^c=IN ${family} `, "m"));
      const tone = id === "v6" ? 0x44 : 0x55;
      new Talker(phone, { ssrc: 1, tone }).say(mediaAddress(answer.sdp), 10);
      await hears(trunk, tone, 10);
      new Talker(trunk, { ssrc: 2, tone }).say(mediaAddress(offer.sdp), 10);
      await hears(phone, tone, 10);
      await ng.ask("delete", { "call-id": id });
    }
  }));
