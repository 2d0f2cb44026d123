// Many short SIPp calls through a stock Kamailio and causeway-relay: each is set up, heard and gone without a trace.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { mediaPorts, metric, RELAY_HTTP_PORT, ROOT, startRelay } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";
import { NgClient, UdpHost } from "../e2e/lib/udp.mjs";
import { startKamailio } from "./kamailio.mjs";

const CALLS = 200;
const RATE = 20;
const FLAGS = "trust-address replace-origin replace-session-connection ICE=remove RTP/AVP";

/** Both tags of a call that has been answered a while ago, from the relay's own figures. */
async function sampleOneCall(ng) {
  return until("a call has audio both ways", async () => {
    for (const id of (await ng.ask("list")).calls) {
      const reply = await ng.request("query", { "call-id": id });
      const streams = Object.values(reply.tags ?? {}).map((tag) => tag.medias[0].streams?.[0]);
      if (streams.length === 2 && streams.every((stream) => stream?.stats.packets > 20)) return reply;
    }
    return undefined;
  }, { timeout: 15_000 });
}

function checkFigures(reply) {
  const [one, other] = Object.values(reply.tags);
  assert.equal(one["in dialogue with"], other.tag);
  assert.equal(other["in dialogue with"], one.tag);
  assert.ok(Math.abs(Date.now() / 1000 - reply.created) < 60, "created is now");
  assert.ok(Math.abs(reply.created_us / 1e6 - reply.created) < 1, "created and created_us agree");
  let packets = 0;
  for (const [tag, peer] of [[one, other], [other, one]]) {
    const stream = tag.medias[0].streams[0];
    assert.equal(tag.medias[0].type, "audio");
    assert.ok(stream.flags.includes("confirmed"), "the source is pinned");
    assert.equal(stream.stats.errors, 0);
    assert.equal(stream.stats.packets, peer.medias[0].streams[0].stats_out.packets, "what came in on one side left on the other");
    assert.equal(stream.stats.bytes, stream.stats.packets * 172);
    packets += stream.stats.packets;
  }
  assert.equal(reply.totals.RTP.packets, packets);
  const sources = Object.values(reply.SSRC);
  assert.equal(sources.length, 1, "SIPp echoes, so both directions carry one SSRC");
  assert.equal(sources[0]["packets lost"], 0);
}

test("200 SIPp calls through Kamailio leave no port behind and true figures", { timeout: 120_000 }, () =>
  onStage(["edge", "phone", "trunk"], async ({ network, directory, add }) => {
    add(await startRelay(network, "edge"));
    startKamailio({ network, directory, add }, FLAGS, FLAGS);
    for (const party of ["caller", "callee"]) copyFileSync(join(ROOT, `tests/interop/sipp_${party}.xml`), join(directory, `${party}.xml`));
    writeFileSync(join(directory, "audio.raw"), Buffer.alloc(8000 * 4, 0x55));
    add(new Program("sipp callee", network.spawn("trunk", "sipp",
      ["-sf", "callee.xml", "-i", network.address("trunk"), "-p", "5060", "-mi", network.address("trunk"), "-rtp_echo", "-nostdin"], { cwd: directory, stdio: "ignore" })));
    await sleep(1000);
    const caller = add(new Program("sipp caller", network.spawn("phone", "sipp",
      ["-sf", "caller.xml", "-i", network.address("phone"), "-p", "5060", "-mi", network.address("phone"), "-s", "600", "-m", String(CALLS),
        "-r", String(RATE), "-timeout", "60s", "-timeout_error", "-nostdin", "-trace_err", "-error_file", "errors.log", `${network.address("edge")}:5060`], { cwd: directory })));
    const host = add(new UdpHost(network, "edge"));
    checkFigures(await sampleOneCall(await NgClient.open(host)));
    await until("SIPp has made its calls", () => caller.exited, { timeout: 60_000 });
    assert.equal(caller.code, 0, `SIPp lost calls:\n${caller.output.slice(-2000)}`);
    const figure = (name) => metric(network, "edge", RELAY_HTTP_PORT, name);
    assert.equal(figure("relay_calls_started_total"), CALLS);
    assert.equal(figure("relay_calls_ended_total"), CALLS);
    assert.equal(figure("relay_ng_refused_requests_total"), 0);
    assert.equal(figure("relay_calls"), 0);
    assert.equal(figure("relay_shard_sessions"), 0);
    await until("every port pair is free", () => figure("relay_port_pairs_in_use") === 0, { timeout: 5000 });
    assert.equal(mediaPorts(network, "edge"), 0);
  }));
