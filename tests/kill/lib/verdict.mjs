// What every scene is judged by: no second ring, no end of a call that stays up alone, and audio at both ends.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { mediaAddress } from "../../e2e/lib/rtp.mjs";
import { Phones } from "../../hostile/lib/phones.mjs";
import { Starvation } from "../../hostile/lib/starvation.mjs";
import { until } from "../../e2e/lib/process.mjs";
import { timeAlone } from "./dialog.mjs";

const ALONE_MS = 35_000;
const REFUSAL_MS = 5000;
const ACK_MS = 33_000; // a gateway gives up after 32 s
const SSRCS = [0x1001, 0x1002];
const STARTUP_S = 2; // of the processes that speak

/** "100 180 200": what a caller heard after it had proven who it is. */
export const heard = (call) => [...call.rang, call.outcome?.status ?? "…"].join(" ");

/** Voices at both ends of an answered call, sent where their SDPs say. */
export function startVoices(scene, call, leg, gateway = "trunk") {
  const starvations = Object.values(scene.pair.relays).map(({ child }) => scene.add(new Starvation(child.pid)));
  const port = 4000;
  const ends = [{ host: "phone", port, to: mediaAddress(call.answer.body) }, { host: gateway, port, to: mediaAddress(leg.invite.body) }];
  const phones = new Phones(scene, call.id, ends, SSRCS);
  const begun = Date.now();
  const starvation = { between: (from, to) => starvations.reduce((sum, one) => sum + one.between(from, to), 0) };
  return { requireAudio: () => phones.requireAudio((Date.now() - begun) / 1000 - STARTUP_S, starvation) };
}

/** The call is answered at both ends, and has rung once, within `timeout`. */
export async function established(scene, call, { trunk = scene.trunk, timeout = 40_000 } = {}) {
  const late = sleep(timeout, { status: "nothing" }, { ref: false });
  call.outcome = await Promise.race([call.final, late]);
  assert.equal(call.outcome.status, 200, `the caller heard ${heard(call)}`);
  requireOneRing(scene, call);
  const leg = trunk.legs.findLast(({ id, answeredAt }) => id === call.id && answeredAt);
  assert.ok(leg, "another trunk has answered");
  await until("the trunk has heard the ACK", () => leg.acknowledged !== undefined, { timeout: ACK_MS });
  assert.ok(leg.acknowledged, "the trunk never heard an ACK");
  return leg;
}

export function requireOneRing({ trunk, second }, call) {
  const rings = trunk.ringsOf(call.id) + second.ringsOf(call.id);
  assert.ok(rings <= 1, `the call rang ${rings} times`);
}

/** Waits, at most until the limit, for both ends to be over; an end left alone for longer is lost. */
export async function requireNobodyAlone({ trunk, second }, call) {
  const ends = () => [call, ...trunk.legs, ...second.legs].filter(({ id, answeredAt }) => id === call.id && answeredAt);
  const isOver = () => ends().every(({ endedAt }) => endedAt);
  await until("every end is over", () => isOver() || timeAlone(ends()) > ALONE_MS, { timeout: 2 * ALONE_MS });
  const alone = timeAlone(ends());
  assert.ok(alone <= ALONE_MS, `an answered end had no peer for ${Math.round(alone / 1000)} s`);
}

/** BYE from one of the ends, and both are over. */
export async function requireBye(scene, call, leg, from = "caller") {
  const response = await (from === "caller" ? call : leg).hangUp();
  assert.equal(response.status, 200, `BYE from the ${from}: ${response.start}`);
  await until("the other end has heard the BYE", () => call.endedAt && leg.endedAt, { timeout: 2000 });
  await until("the relays have forgotten the call", () => scene.pair.relayCalls() === 0, { timeout: 3000 });
  return `BYE ${response.took} ms`;
}

/** Gateways that have refused the call know that it was heard. */
async function requireAcknowledged({ trunk, second }, call) {
  for (const { refusal } of [...trunk.legs, ...second.legs].filter(({ id, refusal: it }) => id === call.id && it)) {
    const heardOf = await Promise.race([refusal, sleep(REFUSAL_MS, false, { ref: false })]);
    assert.ok(heardOf, "a trunk never heard an ACK for its failure");
  }
}

/** What holds for every call, whatever became of it. */
export async function requireWhole(scene, call) {
  requireOneRing(scene, call);
  await requireAcknowledged(scene, call);
  await requireNobodyAlone(scene, call);
}
