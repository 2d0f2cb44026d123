// Every listener of causeway-proxy under random and mutated traffic with a call up: it keeps its audio, and a new call can
// be placed afterwards.
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { Baresip } from "../e2e/lib/baresip.mjs";
import { metric, PROXY_ADMIN_PORT, startProxy, startRelay, USERS, WEB_PORT } from "../e2e/lib/causeway.mjs";
import { MELODIES, requireMelody, tonesOf } from "../e2e/lib/melody.mjs";
import { until } from "../e2e/lib/process.mjs";
import { attack, LIMIT, onHostileStage, requireAlive, requireCleanEnd, runNode, SECONDS } from "./lib/hostile_scene.mjs";

const SETTLE_MS = 2000;
const TALK_MS = 4000;
const LONGEST_GAP_MS = 200;
const TONE_FRAME_MS = 40;
const MELODY_SECONDS = SECONDS + 60;
const TRUNK_NUMBER = "600";
const TEARDOWN_PORT = 2224;
const WS_PORT = 8088;

const LISTENERS = { udp: 5060, tcp: 5060, tls: 5061, ws: WS_PORT, wss: WEB_PORT };
const RATES = { udp: 400, tcp: 20, tls: 10, ws: 15, wss: 10 };

const configuration = (network) => ({
  trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("trunk")}"\ntransport = "udp"\n`,
  routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`,
  extra: `[[listen]]\ntransport = "ws"\naddress = "${network.address("edge")}:${WS_PORT}"\npath = "/ws"\n`,
});

/** Milliseconds of the longest stretch of the recording, from the first tone to the last, without a tone of the melody. */
function longestGap({ samples, rate }, melody) {
  const carries = tonesOf(samples, rate).map((tone) => melody.includes(tone));
  const runs = carries.slice(carries.indexOf(true), carries.lastIndexOf(true)).map((tone) => (tone ? " " : "x")).join("").split(" ");
  return Math.max(...runs.map((run) => run.length)) * TONE_FRAME_MS;
}

function requireAudio(baresip, melody, seconds) {
  const heard = baresip.heard();
  const found = requireMelody(heard, melody, { what: `what ${baresip.host} heard`, transitions: Math.floor(seconds * 2) });
  assert.ok(found.seconds >= seconds, `${baresip.host} heard ${JSON.stringify(found)}`);
  const gap = longestGap(heard, melody);
  assert.ok(gap <= LONGEST_GAP_MS, `${baresip.host} heard nothing for ${gap} ms: ${JSON.stringify(found)}`);
}

/** The same traffic over every transport, from a stranger and, less of it, from the trunk's own address. */
function jobs(network) {
  const address = network.address("edge");
  const target = (transport, from, rate) =>
    ({ name: `${transport} from ${from}`, transport, address, ports: [LISTENERS[transport]], rate, samples: "sip", about: { domain: address } });
  const everywhere = Object.keys(LISTENERS).map((transport) => target(transport, "a stranger", RATES[transport]));
  const local = { address: "127.0.0.1" };
  return [
    { host: "stranger", targets: everywhere },
    { host: "trunk", targets: [target("udp", "the trunk", 100), target("tcp", "the trunk", 5)] },
    { host: "edge", targets: [
      { name: "admin", transport: "tcp", ...local, ports: [PROXY_ADMIN_PORT], rate: 5, samples: "http" },
      { name: "teardown", transport: "udp", ...local, ports: [TEARDOWN_PORT], rate: 50, samples: "ng" },
    ] },
  ];
}

test("the proxy's listeners survive bad input, and a call keeps its audio", LIMIT, () =>
  onHostileStage(["edge", "phone", "trunk", "stranger"], async (scene) => {
    const { network, directory, add } = scene;
    const edge = network.address("edge");
    const relay = add(await startRelay(network, "edge", { flags: ["--drain-timeout=1"] }));
    const proxy = add(await startProxy(network, "edge", directory, configuration(network)));
    const trunk = add(await new Baresip(network, "trunk", directory, {
      user: TRUNK_NUMBER, melody: MELODIES.trunk, seconds: MELODY_SECONDS, account: ";answermode=auto",
    }).start());
    const [{ name, password }] = USERS;
    const phone = add(await new Baresip(network, "phone", directory, {
      user: name, domain: edge, melody: MELODIES.other, seconds: MELODY_SECONDS, account: `;auth_user=${name};auth_pass=${password}`,
    }).start());
    await phone.dial(`sip:${TRUNK_NUMBER}@${edge}`);
    await phone.event("CALL_ESTABLISHED");
    await sleep(SETTLE_MS);

    await attack(scene, jobs(network));

    requireAlive(proxy);
    assert.equal(phone.events.filter(({ type }) => type === "CALL_CLOSED").length, 0, "the call is still up");
    await phone.hangUp();
    await phone.event("CALL_CLOSED");
    await until("the trunk's call has ended", () => trunk.events.some(({ type }) => type === "CALL_CLOSED"));
    requireAudio(phone, MELODIES.trunk, SECONDS);
    requireAudio(trunk, MELODIES.other, SECONDS);

    for (const [transport, port] of Object.entries(LISTENERS)) {
      assert.match(runNode(network, "stranger", "sip_ping.mjs", transport, edge, String(port)), /^SIP\/2\.0 200 /, `OPTIONS over ${transport}`);
    }
    assert.ok(metric(network, "edge", PROXY_ADMIN_PORT, "proxy_requests_total") > SECONDS, "requests came as far as being counted");
    await phone.dial(`sip:${TRUNK_NUMBER}@${edge}`);
    await phone.event("CALL_ESTABLISHED", { count: 2 });
    await sleep(TALK_MS);
    await phone.hangUp();
    await phone.event("CALL_CLOSED", { count: 2 });
    await requireCleanEnd(proxy);
    await requireCleanEnd(relay);
  }));
