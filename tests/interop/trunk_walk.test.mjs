// A carrier that is found by NAPTR and SRV records of a real name server, with servers that are dead, silent or refuse.
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fetchText, PROXY_ADMIN_PORT, ROOT, startProxy, startRelay } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";

const CALLS = 30;
const RATE = 10;
const GOOD_PORT = 5070;
const NAME = "carrier.test";

/** dnsmasq on `host`; `records` are its options. */
async function startNameServer(network, host, records) {
  const server = new Program("dnsmasq", network.spawn(host, "dnsmasq",
    ["--keep-in-foreground", "--log-facility=-", "--log-queries", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--local-ttl=2",
      `--listen-address=${network.address(host)}`, "--bind-interfaces", `--local=/${NAME}/`, ...records]));
  await server.says("started");
  return server;
}

/** A bridge, a phone and the carrier's servers: `dead` has no SIP, `full` refuses with 503, `good` answers. */
function carrierScene(play) {
  return onStage(["edge", "phone", "names", "dead", "full", "good"], async (scene) => {
    const { network, directory, add } = scene;
    const host = (name) => `--host-record=${name}.${NAME},${network.address(name)}`;
    scene.names = add(await startNameServer(network, "names", [
      `--naptr-record=${NAME},10,50,s,SIP+D2U,,_sip._udp.${NAME}`,
      `--srv-host=_sip._udp.${NAME},dead.${NAME},5060,10,0`,
      `--srv-host=_sip._udp.${NAME},full.${NAME},5060,20,0`,
      `--srv-host=_sip._udp.${NAME},good.${NAME},${GOOD_PORT},30,0`,
      host("dead"), host("full"), host("good"),
    ]));
    add(await startRelay(network, "edge"));
    scene.proxy = add(await startProxy(network, "edge", directory, {
      trunks: `[[trunk]]\nname = "carrier"\nhost = "${NAME}"\n`,
      routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`,
      extra: `[dns]\nservers = ["${network.address("names")}:53"]\n\n[timers]\nprovisional = "500ms"\n`,
    }));
    for (const name of ["user", "callee", "unavailable"]) copyFileSync(join(ROOT, `tests/interop/sipp_${name}.xml`), join(directory, `${name}.xml`));
    writeFileSync(join(directory, "audio.raw"), Buffer.alloc(8000 * 4, 0x55));
    const sipp = (at, port, args, options = {}) => new Program(`sipp on ${at}`, network.spawn(at, "sipp",
      [...args, "-i", network.address(at), "-p", String(port), "-mi", network.address(at), "-nostdin"], { cwd: directory, ...options }));
    add(sipp("full", 5060, ["-sf", "unavailable.xml"], { stdio: "ignore" }));
    add(sipp("good", GOOD_PORT, ["-sf", "callee.xml", "-rtp_echo"], { stdio: "ignore" }));
    await sleep(1000);
    scene.makeCalls = async (calls) => {
      const begun = Date.now();
      const caller = add(sipp("phone", 5060, ["-sf", "user.xml", "-s", "600", "-m", String(calls), "-r", String(RATE), "-d", "500",
        "-timeout", "60s", "-timeout_error", `${network.address("edge")}:5060`]));
      await until("SIPp has made its calls", () => caller.exited, { timeout: 70_000 });
      assert.equal(caller.code, 0, `SIPp lost calls:\n${caller.output.slice(-2000)}`);
      return Date.now() - begun;
    };
    scene.placeOf = (name) => {
      const { trunks } = JSON.parse(fetchText(network, "edge", `http://127.0.0.1:${PROXY_ADMIN_PORT}/v1/trunks`));
      return trunks[0].places.find(({ address }) => address.startsWith(`${network.address(name)}:`));
    };
    await play(scene);
  });
}

test("calls walk from server to server, and soon go to the one that works", { timeout: 120_000 }, () =>
  carrierScene(async ({ makeCalls, placeOf, names }) => {
    await makeCalls(CALLS);
    assert.match(names.output, /query\[NAPTR\] carrier\.test/);
    assert.match(names.output, /query\[SRV\] _sip\._udp\.carrier\.test/);
    assert.equal(placeOf("dead").state, "down");
    assert.equal(placeOf("dead").cause, "failures");
    assert.equal(placeOf("full").state, "down");
    assert.equal(placeOf("good").state, "up");
    assert.equal(placeOf("good").address.split(":")[1], String(GOOD_PORT));
    assert.equal(placeOf("good").calls, CALLS);
    assert.equal(placeOf("good").failures, 0);
  }));

test("a server that says nothing costs a call its provisional timeout, not the call", { timeout: 120_000 }, () =>
  carrierScene(async ({ network, makeCalls, placeOf }) => {
    network.run("dead", "iptables", ["-A", "INPUT", "-p", "udp", "--dport", "5060", "-j", "DROP"]);
    await makeCalls(CALLS);
    assert.equal(placeOf("dead").state, "down");
    assert.equal(placeOf("good").calls, CALLS);
  }));

test("without its name server the bridge goes on with what it knew", { timeout: 120_000 }, () =>
  carrierScene(async ({ makeCalls, placeOf, names }) => {
    await makeCalls(1);
    await names.stop();
    await sleep(3000); // the records' TTL is over
    const took = await makeCalls(CALLS);
    assert.ok(took < (CALLS / RATE) * 1000 + 5000, `${CALLS} calls took ${took} ms`);
    assert.equal(placeOf("good").calls, CALLS + 1);
  }));
