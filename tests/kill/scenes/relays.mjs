// A relay that dies with its calls, alone or together with a proxy.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { mediaAddress } from "../../e2e/lib/rtp.mjs";
import { until } from "../../e2e/lib/process.mjs";
import { onPair } from "../lib/pair.mjs";
import { established, requireWhole, startVoices } from "../lib/verdict.mjs";

/** play(scene, call, leg) with a call that is up; gives what it measured. */
const duringCall = (play) => async () => {
  let words;
  await onPair({}, async (scene) => {
    const call = scene.caller.call("600", { service: scene.pair.services[0] });
    const leg = await established(scene, call);
    scene.busy = scene.pair.busyRelay();
    words = await play(scene, call, leg);
    await requireWhole(scene, call);
  });
  return words;
};

async function requireEnd(call, leg, from = "caller") {
  const response = await (from === "caller" ? call : leg).hangUp();
  assert.equal(response.status, 200, `BYE from the ${from}: ${response.start}`);
  await until("the other end has heard the BYE", () => call.endedAt && leg.endedAt, { timeout: 2000 });
  return `call ended: BYE ${response.took} ms`;
}

const killed = (from) => async ({ pair, busy }, call, leg) => {
  await pair.relays[busy].stop("SIGKILL");
  await sleep(500);
  return requireEnd(call, leg, from);
};

const withProxy = async ({ pair, busy }, call, leg) => {
  await Promise.all([pair.relays[busy].stop("SIGKILL"), pair.kill(pair.holderOf(pair.services[0]))]);
  return requireEnd(call, leg);
};

/** The caller asks for media again, and gets those of another relay: both ends are heard. */
const moved = (restarts) => async (scene, call, leg) => {
  const { pair, busy, network } = scene;
  await pair.relays[busy].stop("SIGKILL");
  if (restarts) await pair.startRelay(busy);
  else await sleep(7000); // a ping shows that it is dead
  const response = await call.ask("INVITE", { body: call.body });
  assert.equal(response.status, 200, `the re-INVITE heard ${response.start}`);
  Object.assign(call, { answer: response });
  const { address } = mediaAddress(response.body);
  leg.invite = leg.reinvite;
  const voices = startVoices(scene, call, leg);
  await sleep(4000);
  await voices.requireAudio();
  await requireEnd(call, leg);
  return `call moved to ${address === network.address(busy) ? "the same relay" : "the other relay"}`;
};

/** A call that begins right after a relay has died does not notice. */
const newCall = async (scene, call, leg) => {
  const { pair, busy, caller } = scene;
  await pair.relays[busy].stop("SIGKILL");
  const took = [];
  for (let i = 0; i < 6; ++i) {
    const begun = Date.now();
    const next = caller.call("600", { service: pair.services[i % 2] });
    const its = await established(scene, next);
    took.push(Date.now() - begun);
    await requireEnd(next, its);
  }
  await requireEnd(call, leg);
  const worst = Math.max(...took);
  assert.ok(worst < 1500, `a call waited ${worst} ms for the dead relay`);
  return `6 new calls, the slowest up in ${worst} ms`;
};

const row = (scene, expected, play, more = {}) => ({ scene, callers: "UDP", expected, play: duringCall(play), ...more });

export default [
  row("relay of the call killed, caller's BYE", "call ended by BYE", killed("caller"), { short: true }),
  row("relay of the call killed, trunk's BYE", "call ended by BYE", killed("trunk")),
  row("relay of the call killed, re-INVITE", "call moved to the other relay", moved(false), { waits: "F4" }),
  row("relay of the call killed and restarted, re-INVITE", "call moved, audio", moved(true)),
  row("relay of the call killed, new calls", "up within 1.5 s, on the other relay", newCall, { short: true }),
  row("proxy and relay of the call killed", "call ended by BYE", withProxy, { short: true }),
  { scene: "Redis killed", callers: "UDP", expected: "calls go on", waits: "Redis" },
  { scene: "Redis, proxy and relay killed together", callers: "UDP", expected: "call ended by BYE", waits: "Redis" },
  { scene: "Redis cut off from one node", callers: "UDP", expected: "calls go on", waits: "Redis" },
];
