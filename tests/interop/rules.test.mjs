// SIPp at both ends of causeway-proxy: devices that ring together and one after another, reliable provisional responses, early
// updates, delayed offers, and STUN beside SIP.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { metric, PROXY_ADMIN_PORT, ROOT, startProxy, startRelay } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";
import { UdpHost } from "../e2e/lib/udp.mjs";

const CALLS = 20;

/** A trunk's SIPp calls bob, whose devices are SIPp too: {host: {q, file}}. */
function callsToBob(devices, caller) {
  const hosts = Object.keys(devices);
  return onStage(["edge", "trunk", ...hosts], async ({ network, directory, add }) => {
    add(await startRelay(network, "edge"));
    add(await startProxy(network, "edge", directory, {
      trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("trunk")}"\n`,
      routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`,
    }));
    const sipp = (host, file, ...more) => {
      copyFileSync(join(ROOT, `tests/interop/${file}`), join(directory, file));
      return add(new Program(`sipp ${file} on ${host}`, network.spawn(host, "sipp",
        ["-sf", file, "-i", network.address(host), "-p", "5060", "-mi", network.address(host), "-nostdin", ...more], { cwd: directory })));
    };
    const finished = async (program, what) => {
      await until(what, () => program.exited, { timeout: 60_000 });
      assert.equal(program.code, 0, `${what}:\n${program.output.slice(-3000)}`);
    };
    const once = ["-m", "1", "-timeout", "10s", "-timeout_error", `${network.address("edge")}:5060`];
    for (const host of hosts) await finished(sipp(host, "sipp_register.xml", "-key", "q", devices[host].q, ...once), `${host} registers`);
    const phones = hosts.map((host) => sipp(host, devices[host].file, "-m", String(CALLS)));
    await sleep(500);
    await finished(sipp("trunk", caller, "-m", String(CALLS), "-r", "5", "-timeout", "50s", "-timeout_error", `${network.address("edge")}:5060`), "the trunk has made its calls");
    for (const [index, phone] of phones.entries()) await finished(phone, `${hosts[index]} has played all its calls`);
    await until("no request is being forwarded any more", () => metric(network, "edge", PROXY_ADMIN_PORT, "proxy_forwardings") === 0, { timeout: 45_000, every: 500 });
  });
}

test("a busy desk phone is followed by the mobile of a lower q", { timeout: 150_000 }, () =>
  callsToBob({ desk: { q: "1.0", file: "sipp_busy.xml" }, mobile: { q: "0.5", file: "sipp_answering.xml" } }, "sipp_to_bob.xml"));

test("of two phones that ring together the one that is not answered is cancelled", { timeout: 150_000 }, () =>
  callsToBob({ desk: { q: "0.7", file: "sipp_cancelled.xml" }, mobile: { q: "0.7", file: "sipp_answering.xml" } }, "sipp_to_bob.xml"));

test("PRACK, an early UPDATE and a re-INVITE without a description pass with their descriptions through the relay", { timeout: 150_000 }, () =>
  callsToBob({ desk: { q: "1.0", file: "sipp_reliable_callee.xml" } }, "sipp_reliable_caller.xml"));

test("a phone learns its own address by STUN at the SIP port, RFC 5626", { timeout: 60_000 }, () =>
  onStage(["edge", "phone"], async ({ network, directory, add }) => {
    add(await startProxy(network, "edge", directory));
    const socket = await add(new UdpHost(network, "phone")).open();
    const transaction = randomBytes(12);
    const request = Buffer.concat([Buffer.from("000100002112a442", "hex"), transaction]);
    socket.send({ address: network.address("edge"), port: 5060 }, request);
    const { data } = await until("STUN is answered", () => socket.received[0]);
    assert.equal(data.readUInt16BE(0), 0x0101);
    assert.deepEqual(data.subarray(8, 20), transaction);
    assert.equal(data.readUInt16BE(20), 0x0020);
    assert.equal(data.readUInt16BE(26) ^ 0x2112, socket.port);
    const octets = [0x21, 0x12, 0xa4, 0x42].map((byte, i) => byte ^ data[28 + i]);
    assert.equal(octets.join("."), network.address("phone"));
  }));
