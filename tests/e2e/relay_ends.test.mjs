// How calls and the relay end: limits, silence, SIGTERM; the released binary, driven over ng.
import { test } from "node:test";
import assert from "node:assert/strict";
import { fetchText, mediaPorts, metric, RELAY_HTTP_PORT, startRelay } from "./lib/causeway.mjs";
import { until } from "./lib/process.mjs";
import { heard, mediaAddress, plainSdp, Talker } from "./lib/rtp.mjs";
import { onStage } from "./lib/scene.mjs";
import { NgClient, UdpHost } from "./lib/udp.mjs";

const HOSTS = ["edge", "phone", "trunk"];
const MEDIA = { "transport-protocol": "RTP/AVP", ICE: "remove", flags: ["trust-address"] };

async function stageWith({ network, add }, flags) {
  const relay = add(await startRelay(network, "edge", { flags }));
  const [edge, phoneHost, trunkHost] = HOSTS.map((name) => add(new UdpHost(network, name)));
  const [phone, trunk] = [await phoneHost.open(), await trunkHost.open()];
  const ng = await NgClient.open(edge);
  const names = (id) => ({ "call-id": id, "from-tag": "phone", "to-tag": "trunk" });
  return {
    relay, edge, phone, trunk, ng,
    offer: (id, more = {}) => ng.request("offer", { ...names(id), ...MEDIA, ...more, sdp: plainSdp(phone) }),
    answer: (id, more = {}) => ng.request("answer", { ...names(id), ...MEDIA, ...more, sdp: plainSdp(trunk) }),
    remove: (id) => ng.request("delete", { "call-id": id }),
    ready: () => fetchText(network, "edge", `http://127.0.0.1:${RELAY_HTTP_PORT}/readyz`),
    figure: (name) => metric(network, "edge", RELAY_HTTP_PORT, name),
  };
}

test("limits: too many calls, too few ports, in the words proxies compare", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await stageWith(stage, ["--max-sessions=2", "--num-threads=1", "--port-min=31000", "--port-max=31009"]);
    assert.equal((await scene.offer("one")).result, "ok");
    assert.equal((await scene.offer("two")).result, "ok");
    assert.equal((await scene.offer("three"))["error-reason"], "Parallel session limit reached");
    assert.equal((await scene.offer("three", { supports: ["load limit"] })).result, "load limit");
    assert.equal((await scene.offer("two", { "via-branch": "z9", "to-tag": "" })).result, "ok");
    assert.equal((await scene.offer("two", { "via-branch": "z10", "to-tag": "" }))["error-reason"], "Ran out of ports");
    assert.equal(mediaPorts(stage.network, "edge"), 10);
    await scene.remove("one");
    await scene.remove("two");
    assert.equal(mediaPorts(stage.network, "edge"), 0);
  }));

test("silence ends an answered call, tells its proxy, frees its ports", { timeout: 40_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await stageWith(stage, ["--timeout=5"]);
    const proxy = await scene.edge.open({ address: "127.0.0.1" });
    let teardown;
    proxy.onDatagram = ({ from, data }) => {
      const [cookie] = data.toString("latin1").split(" ");
      teardown ??= data.toString("latin1");
      proxy.send({ address: from.split(":")[0], port: Number(from.split(":")[1]) }, Buffer.from(`${cookie} d6:result2:oke`));
    };
    const offer = await scene.offer("quiet");
    await scene.answer("quiet", { teardown: "sealed-blob", "teardown-to": [`127.0.0.1:${proxy.port}`] });
    new Talker(scene.trunk, { ssrc: 1, tone: 0x22 }).say(mediaAddress(offer.sdp), 5);
    await until("the phone hears the trunk", () => heard(scene.phone, 0x22) === 5);
    const began = Date.now();
    await until("the relay gives the call up", () => scene.figure("relay_calls") === 0, { timeout: 10_000 });
    assert.ok(Date.now() - began > 4000 && Date.now() - began < 7000, `after ${Date.now() - began} ms`);
    await until("the proxy is told", () => teardown, { timeout: 3000 });
    assert.match(teardown, /8:teardown11:sealed-blob/);
    assert.match(teardown, /media-timeout/);
    assert.equal(mediaPorts(stage.network, "edge"), 0);
    assert.equal((await scene.ng.request("query", { "call-id": "quiet" }))["error-reason"], "Unknown call-id");
  }));

test("SIGTERM drains: no new call, the running one goes on, the last delete ends the process", { timeout: 30_000 }, () =>
  onStage(HOSTS, async (stage) => {
    const scene = await stageWith(stage, []);
    const offer = await scene.offer("running");
    const answer = await scene.answer("running");
    assert.equal(scene.ready(), "ok\n");
    scene.relay.child.kill("SIGTERM");
    await until("the relay says that it drains", () => scene.ready() === undefined && scene.figure("relay_draining") === 1);
    assert.equal((await scene.offer("new"))["error-reason"], "Parallel session limit reached");
    new Talker(scene.phone, { ssrc: 1, tone: 0x11 }).say(mediaAddress(answer.sdp), 10);
    new Talker(scene.trunk, { ssrc: 2, tone: 0x22 }).say(mediaAddress(offer.sdp), 10);
    await until("both still hear each other", () => heard(scene.trunk, 0x11) === 10 && heard(scene.phone, 0x22) === 10);
    assert.equal((await scene.offer("running")).result, "ok", "a running call may change");
    assert.ok(!scene.relay.exited);
    assert.equal((await scene.remove("running")).result, "ok");
    await scene.relay.closed;
    assert.equal(scene.relay.code, 0);
  }));

test("SIGTERM with no call ends the process at once", { timeout: 30_000 }, () =>
  onStage(["edge"], async ({ network, add }) => {
    const relay = add(await startRelay(network, "edge"));
    relay.child.kill("SIGTERM");
    await until("the relay exits", () => relay.exited, { timeout: 2000 });
    assert.equal(relay.code, 0);
  }));
