// A stock Kamailio with its rtpengine module drives causeway-relay: baresip calls baresip, each hears the other.
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { Baresip } from "../e2e/lib/baresip.mjs";
import { mediaPorts, startRelay } from "../e2e/lib/causeway.mjs";
import { MELODIES, requireMelody } from "../e2e/lib/melody.mjs";
import { until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";
import { startKamailio } from "./kamailio.mjs";

const TALK_MS = 6000;
const PLAIN = "trust-address replace-origin replace-session-connection ICE=remove RTP/AVP";
// What a WebRTC edge has in its configuration today, both ways.
const TOWARDS_SIP = "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP";
const TOWARDS_BROWSER =
  "trust-address replace-origin replace-session-connection rtcp-mux-offer generate-mid DTLS=passive SDES-off ICE=force UDP/TLS/RTP/SAVPF";
const BROWSER_LIKE = { account: ";mediaenc=dtls_srtp;medianat=ice", modules: ["dtls_srtp", "ice"] };
const SDES = "trust-address replace-origin replace-session-connection ICE=remove DTLS=off RTP/SAVP";

async function callThroughKamailio(scene, { offerFlags, answerFlags, trunk: trunkOptions = {}, phone: phoneOptions = {} }) {
  const { network, directory, add } = scene;
  add(await startRelay(network, "edge"));
  const kamailio = startKamailio(scene, offerFlags, answerFlags);
  const trunk = add(await new Baresip(network, "trunk", directory, { user: "600", melody: MELODIES.trunk, ...trunkOptions, account: `;answermode=auto${trunkOptions.account ?? ""}` }).start());
  const phone = add(await new Baresip(network, "phone", directory, { user: "caller", melody: MELODIES.other, ...phoneOptions }).start());
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
    callThroughKamailio(scene, { offerFlags: SDES, answerFlags: PLAIN, trunk: { account: ";mediaenc=srtp-mand" } })));

test("Kamailio drives the relay between a DTLS-SRTP and ICE caller and a plain RTP trunk", { timeout: 60_000 }, () =>
  onStage(["edge", "phone", "trunk"], (scene) =>
    callThroughKamailio(scene, { offerFlags: TOWARDS_SIP, answerFlags: TOWARDS_BROWSER, phone: BROWSER_LIKE })));

test("Kamailio drives the relay for a DTLS-SRTP and ICE caller whose RTP and RTCP share a port", { timeout: 60_000 }, () =>
  onStage(["edge", "phone", "trunk"], (scene) =>
    callThroughKamailio(scene, { offerFlags: TOWARDS_SIP, answerFlags: TOWARDS_BROWSER, phone: { ...BROWSER_LIKE, config: ["rtcp_mux yes"] } })));

test("Kamailio drives the relay between a plain RTP caller and a DTLS-SRTP and ICE callee", { timeout: 60_000 }, () =>
  onStage(["edge", "phone", "trunk"], (scene) =>
    callThroughKamailio(scene, { offerFlags: TOWARDS_BROWSER, answerFlags: TOWARDS_SIP, trunk: BROWSER_LIKE })));
