// Every listener of causeway-proxy under random and mutated traffic with a call up: it keeps its audio, and a new call can
// be placed afterwards.
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { metric, PROXY_ADMIN_PORT, ROOT, startProxy, startRelay, USERS, WEB_PORT } from "../e2e/lib/causeway.mjs";
import { attack, LIMIT, onHostileStage, requireAlive, requireCleanEnd, runNode, SECONDS, spawnNode } from "./lib/hostile_scene.mjs";
import { Phones } from "./lib/phones.mjs";
import { Starvation } from "./lib/starvation.mjs";

const SETTLE_MS = 1500;
const TALK_MS = 3000;
const TRUNK_NUMBER = "600";
const MEDIA_PORT = 7000;
const TEARDOWN_PORT = 2224;
const WS_PORT = 8088;

const LISTENERS = { udp: 5060, tcp: 5060, tls: 5061, ws: WS_PORT, wss: WEB_PORT };
const RATES = { udp: 400, tcp: 20, tls: 10, ws: 15, wss: 10 };

const configuration = (network) => ({
  trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("trunk")}"\ntransport = "udp"\n`,
  routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`,
  replace: (toml) => toml.replace(/^web_root = .*$/m, `web_root = "${join(ROOT, "deploy/webphone")}"`), // needs no built page
  extra: `[[listen]]\ntransport = "ws"\naddress = "${network.address("edge")}:${WS_PORT}"\npath = "/ws"\n`,
});

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

/** Signalling of both parties; `talk()` sets a call up and gives its voices, `end()` hangs up. */
async function openPhones(scene) {
  const { network, add } = scene;
  const proxy = network.address("edge");
  const [{ name: user, password }] = USERS;
  const job = (host) => ({ address: network.address(host), mediaPort: MEDIA_PORT });
  const caller = add(spawnNode(network, "phone", "sip_phone.mjs", { ...job("phone"), proxy, user, password, number: TRUNK_NUMBER }));
  const callee = add(spawnNode(network, "trunk", "sip_phone.mjs", job("trunk")));
  for (const phone of [caller, callee]) await phone.says("ready");
  const forget = () => [caller, callee].forEach((phone) => (phone.output = ""));
  const portOf = async (phone) => {
    await phone.says(/talking (\d+)/);
    return { address: proxy, port: Number(phone.output.match(/talking (\d+)/)[1]) };
  };
  return {
    async talk(id) {
      forget();
      caller.child.stdin.write("call\n");
      const ends = [{ host: "phone", port: MEDIA_PORT, to: await portOf(caller) }, { host: "trunk", port: MEDIA_PORT, to: await portOf(callee) }];
      return new Phones(scene, id, ends, [0x1001, 0x2002]);
    },
    async end() {
      for (const phone of [caller, callee]) assert.ok(!phone.output.includes("ended"), `the call is still up for ${phone.name}`);
      caller.child.stdin.write("hangup\n");
      for (const phone of [caller, callee]) await phone.says("ended");
    },
  };
}

test("the proxy's listeners survive bad input, and a call keeps its audio", LIMIT, () =>
  onHostileStage(["edge", "phone", "trunk", "stranger"], async (scene) => {
    const { network, directory, add } = scene;
    const edge = network.address("edge");
    const relay = add(await startRelay(network, "edge", { flags: ["--drain-timeout=1"] }));
    const proxy = add(await startProxy(network, "edge", directory, configuration(network)));
    const starvation = add(new Starvation(relay.child.pid));
    const phones = await openPhones(scene);
    const voices = await phones.talk("the call");
    await sleep(SETTLE_MS);

    await attack(scene, jobs(network));

    requireAlive(proxy);
    await voices.requireAudio(SECONDS, starvation);
    await phones.end();
    for (const [transport, port] of Object.entries(LISTENERS)) {
      assert.match(runNode(network, "stranger", "sip_ping.mjs", transport, edge, String(port)), /^SIP\/2\.0 200 /, `OPTIONS over ${transport}`);
    }
    assert.ok(metric(network, "edge", PROXY_ADMIN_PORT, "proxy_requests_total") > SECONDS, "requests came as far as being counted");
    assert.ok(metric(network, "edge", PROXY_ADMIN_PORT, "proxy_malformed_messages_total") > SECONDS, "malformed ones too");
    const late = await phones.talk("a call afterwards");
    await sleep(TALK_MS);
    await late.requireAudio(TALK_MS / 2000, starvation);
    await phones.end();
    await requireCleanEnd(proxy);
    await requireCleanEnd(relay);
  }));
