// causeway-proxy drives a stock rtpengine where causeway-relay usually stands: a browser calls a telephone.
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { onBridge, requireBothWays, TALK_MS, TRUNK_NUMBER } from "../e2e/lib/bridge_scene.mjs";
import { until } from "../e2e/lib/process.mjs";
import { startRtpengine } from "./rtpengine.mjs";

const LIMIT = { timeout: 90_000 };

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
