// Many short SIPp calls through causeway-proxy, with causeway-relay and with a stock rtpengine behind it.
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { metric, PROXY_ADMIN_PORT, ROOT, startProxy, startRelay } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";
import { startRtpengine } from "./rtpengine.mjs";

const CALLS = 100;
const RATE = 10;

function callsThroughProxy(startMedia, { untilForgotten = false } = {}) {
  return onStage(["edge", "phone", "trunk"], async ({ network, directory, add }) => {
    add(await startMedia(network, "edge"));
    add(await startProxy(network, "edge", directory, {
      trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("trunk")}"\n`,
      routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`,
    }));
    copyFileSync(join(ROOT, "tests/interop/sipp_user.xml"), join(directory, "user.xml"));
    copyFileSync(join(ROOT, "tests/interop/sipp_callee.xml"), join(directory, "callee.xml"));
    writeFileSync(join(directory, "audio.raw"), Buffer.alloc(8000 * 4, 0x55));
    add(new Program("sipp callee", network.spawn("trunk", "sipp",
      ["-sf", "callee.xml", "-i", network.address("trunk"), "-p", "5060", "-mi", network.address("trunk"), "-rtp_echo", "-nostdin"], { cwd: directory, stdio: "ignore" })));
    await sleep(1000);
    const caller = add(new Program("sipp user", network.spawn("phone", "sipp",
      ["-sf", "user.xml", "-i", network.address("phone"), "-p", "5060", "-mi", network.address("phone"), "-s", "600", "-m", String(CALLS),
        "-r", String(RATE), "-d", "1500", "-timeout", "60s", "-timeout_error", "-nostdin", "-trace_err", "-error_file", "errors.log", `${network.address("edge")}:5060`], { cwd: directory })));
    await until("SIPp has made its calls", () => caller.exited, { timeout: 70_000 });
    assert.equal(caller.code, 0, `SIPp lost calls:\n${caller.output.slice(-2000)}`);
    const figure = (name) => metric(network, "edge", PROXY_ADMIN_PORT, name);
    assert.equal(figure("proxy_relay_failures_total"), 0);
    assert.ok(figure("proxy_relay_requests_total") >= 3 * CALLS, "each call has an offer, an answer and an end");
    if (!untilForgotten) return;
    await until("no request is being forwarded any more", () => figure("proxy_forwardings") === 0, { timeout: 45_000, every: 500 });
    assert.equal(figure("proxy_transactions"), 0);
  });
}

test("100 calls with causeway-relay", { timeout: 150_000 }, () => callsThroughProxy(startRelay, { untilForgotten: true }));

test("100 calls with a stock rtpengine", { timeout: 150_000 }, () => callsThroughProxy(startRtpengine));
