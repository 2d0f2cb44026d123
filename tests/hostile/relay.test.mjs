// Every listener of causeway-relay under random and mutated traffic with three calls up (plain, SDES, ICE and DTLS): they
// keep their audio, and a new call can be placed afterwards.
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { metric, NG_PORT, RELAY_HTTP_PORT, startRelay } from "../e2e/lib/causeway.mjs";
import { attack, LIMIT, onHostileStage, requireAlive, requireCleanEnd, SECONDS } from "./lib/hostile_scene.mjs";
import { ask, placeCall, placeSealedCall } from "./lib/relay_call.mjs";
import { Starvation } from "./lib/starvation.mjs";

const SETTLE_MS = 1500;
const TALK_MS = 3000;
const MEDIA_TIMEOUT_S = 10; // of the calls that the traffic itself makes
const FIRST_PORT = 30_000;
const PACKETS_PER_SECOND = 50; // of each party

const DROPPED = ["unknown-source", "unauthenticated", "malformed-rtp", "malformed-rtcp", "unknown-protocol", "unexpected-stun", "unexpected-dtls"];

/**
 * Datagrams to the ports of the calls, and to those of the calls that hostile requests make. Who knows `ssrcs` and sits at
 * the party's own address could go on with its stream as a phone does whose NAT gave it another port: only strangers do.
 */
function mediaTarget(name, network, ports, ssrcs, rate) {
  const others = Array.from({ length: ports.length * 3 }, (_, i) => FIRST_PORT + i * 2);
  return { name, transport: "udp", address: network.address("edge"), ports: [...ports, ...others], rate, samples: "media", about: { ssrcs } };
}

test("the relay's listeners survive bad input, and calls keep their audio", LIMIT, () =>
  onHostileStage(["edge", "left", "right", "stranger"], async (scene) => {
    const { network } = scene;
    const relay = scene.add(await startRelay(network, "edge", { flags: [`--timeout=${MEDIA_TIMEOUT_S}`, "--drain-timeout=1"] }));
    const starvation = scene.add(new Starvation(relay.child.pid));
    const calls = [
      placeCall(scene, { id: "plain", port: 7000 }),
      placeCall(scene, { id: "sdes", port: 7100, srtp: true }),
      await placeSealedCall(scene, { id: "dtls", port: 7300 }),
    ];
    await sleep(SETTLE_MS);

    const ports = calls.flatMap((call) => call.ports);
    const ssrcs = calls.flatMap((call) => call.ssrcs);
    const local = { address: "127.0.0.1" };
    await attack(scene, [
      { host: "edge", targets: [
        { name: "ng over UDP", transport: "udp", ...local, ports: [NG_PORT], rate: 500, samples: "ng" },
        { name: "ng over TCP", transport: "tcp", ...local, ports: [NG_PORT], rate: 20, samples: "ng" },
        { name: "admin", transport: "tcp", ...local, ports: [RELAY_HTTP_PORT], rate: 5, samples: "http" },
      ] },
      { host: "stranger", targets: [mediaTarget("media from a stranger", network, ports, ssrcs, 1000)] },
      { host: "left", targets: [mediaTarget("media from the caller's host", network, ports, [], 400)] },
      { host: "right", targets: [mediaTarget("media from the callee's host", network, ports, [], 400)] },
    ]);

    requireAlive(relay);
    assert.ok(metric(network, "edge", RELAY_HTTP_PORT, 'relay_ng_messages_total{kind="malformed"}') > SECONDS, "malformed requests have arrived");
    const own = calls.length * 2 * PACKETS_PER_SECOND * SECONDS;
    assert.ok(metric(network, "edge", RELAY_HTTP_PORT, "relay_received_packets_total") > 2 * own, "more hostile packets than others have arrived");
    for (const reason of DROPPED) {
      assert.ok(metric(network, "edge", RELAY_HTTP_PORT, `relay_dropped_packets_total{reason="${reason}"`) > SECONDS, `${reason} packets are counted`);
    }
    for (const call of calls) await call.phones.requireAudio(SECONDS, starvation);
    assert.equal(ask(network, "edge", { command: "ping" }).result, "pong");
    const late = placeCall(scene, { id: "afterwards", port: 7200 });
    await sleep(TALK_MS);
    await late.phones.requireAudio(TALK_MS / 2000, starvation);
    await requireCleanEnd(relay);
  }));
