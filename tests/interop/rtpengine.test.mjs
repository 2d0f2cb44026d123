// causeway-proxy drives a stock rtpengine where causeway-relay usually stands: a browser calls a telephone.
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, requireBothWays, TALK_MS, TRUNK_NUMBER } from "../e2e/lib/bridge_scene.mjs";
import { NG_PORT } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";

const LIMIT = { timeout: 90_000 };

async function startRtpengine(network, host) {
  const rtpengine = new Program("rtpengine", network.spawn(host, "rtpengine", [
    "--config-file=none", "--table=-1", "--foreground", "--log-stderr", "--log-level=6",
    `--interface=${network.address(host)}`, `--listen-ng=127.0.0.1:${NG_PORT}`, "--port-min=30000", "--port-max=30999",
  ]));
  await until("rtpengine listens", () => {
    if (rtpengine.exited) throw new Error(`rtpengine exited (${rtpengine.code}):\n${rtpengine.output}`);
    return network.run(host, "ss", ["-Huln", `sport = :${NG_PORT}`]).trim();
  });
  return rtpengine;
}

async function talk(scene) {
  const { browser, trunk, network } = scene;
  await browser.dial(TRUNK_NUMBER);
  await browser.call("talking");
  await browser.startRecording();
  await sleep(TALK_MS);
  await browser.hangUp();
  await trunk.event("CALL_CLOSED");
  await requireBothWays(scene);
  await until("rtpengine has closed its media ports", () => !network.run("edge", "ss", ["-Huln", "sport >= :30000 and sport <= :30999"]).trim(), { timeout: 10_000 });
}

test("with a codec both sides speak", LIMIT, () => onBridge({ media: startRtpengine }, talk));

test("with Opus transcoded to PCMU", LIMIT, () => onBridge({ media: startRtpengine, trunk: `codecs = ["PCMU"]` }, talk));

test("to an SDES trunk", LIMIT, () =>
  onBridge({ media: startRtpengine, trunk: `srtp = "sdes-required"\nallow_sdes_without_tls = true`, account: ";mediaenc=srtp-mand" }, talk));
