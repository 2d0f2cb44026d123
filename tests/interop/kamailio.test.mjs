// A stock Kamailio with its rtpengine module drives causeway-relay: baresip calls baresip, each hears the other.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { Baresip } from "../e2e/lib/baresip.mjs";
import { mediaPorts, NG_PORT, ROOT, startRelay } from "../e2e/lib/causeway.mjs";
import { MELODIES, requireMelody } from "../e2e/lib/melody.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";

const TALK_MS = 6000;
const PLAIN = "trust-address replace-origin replace-session-connection ICE=remove RTP/AVP";
const SDES = "trust-address replace-origin replace-session-connection ICE=remove DTLS=off RTP/SAVP";

function startKamailio({ network, directory, add }, offerFlags, answerFlags) {
  const file = join(directory, "kamailio.cfg");
  writeFileSync(file, readFileSync(join(ROOT, "tests/interop/kamailio.cfg.in"), "utf8")
    .replaceAll("@ADDRESS@", network.address("edge"))
    .replaceAll("@TRUNK@", network.address("trunk"))
    .replaceAll("@NG_PORT@", String(NG_PORT))
    .replaceAll("@OFFER_FLAGS@", offerFlags)
    .replaceAll("@ANSWER_FLAGS@", answerFlags));
  return add(new Program("kamailio", network.spawn("edge", "kamailio", ["-DD", "-E", "-f", file, "-Y", directory, "-P", join(directory, "kamailio.pid"), "-m", "32", "-M", "4"])));
}

async function callThroughKamailio(scene, { offerFlags, answerFlags, trunkAccount = "", modules = [] }) {
  const { network, directory, add } = scene;
  add(await startRelay(network, "edge"));
  const kamailio = startKamailio(scene, offerFlags, answerFlags);
  const trunk = add(await new Baresip(network, "trunk", directory, { user: "600", melody: MELODIES.trunk, account: `;answermode=auto${trunkAccount}`, modules }).start());
  const phone = add(await new Baresip(network, "phone", directory, { user: "caller", melody: MELODIES.other }).start());
  await sleep(1000);
  assert.ok(!kamailio.exited, `kamailio exited:\n${kamailio.output}`);
  await phone.dial(`sip:600@${network.address("edge")}`);
  await phone.event("CALL_ESTABLISHED");
  await sleep(TALK_MS);
  await phone.hangUp();
  await trunk.event("CALL_CLOSED");
  requireMelody(trunk.heard(), MELODIES.other, { what: "the trunk's recording" });
  requireMelody(phone.heard(), MELODIES.trunk, { what: "the phone's recording" });
  await until("the relay has closed its media ports", () => mediaPorts(network, "edge") === 0, { timeout: 5000 });
}

test("Kamailio drives the relay between two plain RTP phones", { timeout: 60_000 }, () =>
  onStage(["edge", "phone", "trunk"], (scene) => callThroughKamailio(scene, { offerFlags: PLAIN, answerFlags: PLAIN })));

test("Kamailio drives the relay between a plain RTP phone and an SDES trunk", { timeout: 60_000 }, () =>
  onStage(["edge", "phone", "trunk"], (scene) =>
    callThroughKamailio(scene, { offerFlags: SDES, answerFlags: PLAIN, trunkAccount: ";mediaenc=srtp-mand" })));
