// Calls that are up outlive the proxy that set them up, and the secret that it sealed them with.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { metric, PROXY_ADMIN_PORT, RELAY_HTTP_PORT, ROOT, startProxy, startRelay } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";

const CALLS = 30;
const TALK_MS = 8000;

/** `disturb` is called while every call is up; afterwards each has to end by a BYE that is answered. */
function callsOutlive(disturb) {
  return onStage(["edge", "phone", "trunk"], async (scene) => {
    const { network, directory, add } = scene;
    add(await startRelay(network, "edge"));
    const configuration = {
      trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("trunk")}"\n`,
      routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`,
    };
    scene.start = async () => (scene.proxy = add(await startProxy(network, "edge", directory, configuration)));
    await scene.start();
    for (const [from, to] of [["sipp_user", "user"], ["sipp_callee", "callee"]]) copyFileSync(join(ROOT, `tests/interop/${from}.xml`), join(directory, `${to}.xml`));
    writeFileSync(join(directory, "audio.raw"), Buffer.alloc(8000 * 4, 0x55));
    const sipp = (host, args, options = {}) => new Program(`sipp on ${host}`, network.spawn(host, "sipp", [...args, "-i", network.address(host), "-p", "5060", "-mi", network.address(host), "-nostdin"], { cwd: directory, ...options }));
    add(sipp("trunk", ["-sf", "callee.xml", "-rtp_echo"], { stdio: "ignore" }));
    await sleep(1000);
    const caller = add(sipp("phone", ["-sf", "user.xml", "-s", "600", "-m", String(CALLS), "-r", String(CALLS), "-d", String(TALK_MS), "-timeout", "60s", "-timeout_error", `${network.address("edge")}:5060`]));
    const calls = () => metric(network, "edge", RELAY_HTTP_PORT, "relay_calls");
    await until("every call is up", () => calls() === CALLS, { timeout: 5000 });
    await sleep(1000);
    await disturb(scene);
    assert.equal(calls(), CALLS, "the calls are still up");
    await until("SIPp has ended its calls", () => caller.exited, { timeout: 60_000 });
    assert.equal(caller.code, 0, `SIPp lost calls:\n${caller.output.slice(-2000)}`);
    await until("the relay has been told that each has ended", () => calls() === 0);
  });
}

test("a killed proxy that is started again ends the calls it does not remember", { timeout: 90_000 }, () =>
  callsOutlive(async ({ network, proxy, start }) => {
    await proxy.stop("SIGKILL");
    await start();
    assert.equal(metric(network, "edge", PROXY_ADMIN_PORT, "proxy_forwardings"), 0);
  }));

test("a proxy that is told to go leaves what is answered to the next one", { timeout: 90_000 }, () =>
  callsOutlive(async ({ proxy, start }) => {
    const asked = Date.now();
    await proxy.stop("SIGTERM", 10_000);
    assert.equal(proxy.code, 0, "it ends by itself");
    assert.ok(Date.now() - asked < 3000, `it took ${Date.now() - asked} ms to go`);
    await start();
  }));

test("a new secret does not end the calls that the old one sealed", { timeout: 90_000 }, () =>
  callsOutlive(async ({ directory, proxy }) => {
    const file = join(directory, "proxy/proxy.secret");
    writeFileSync(file, `${randomBytes(32).toString("hex")}\n${readFileSync(file, "utf8")}`);
    proxy.child.kill("SIGHUP");
    await proxy.says("proxy.reloaded");
  }));
