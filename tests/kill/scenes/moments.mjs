// A node that goes in the middle of a transaction: while a call is set up, changed, given up, ended, while a user registers.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../e2e/lib/process.mjs";
import { onPair } from "../lib/pair.mjs";
import { established, heard, requireBye, requireOneRing, requireWhole } from "../lib/verdict.mjs";

const AFTER_100_MS = 210; // the proxy says 100 when 200 ms have brought no other response
const LONG_ANSWER_MS = 210_000;

/** Plays a scene whose measured words are what `play` returns. */
async function measured(options, play) {
  let words;
  await onPair(options, async (scene) => (words = await play(scene)));
  return words;
}

/** The call's holder goes when `when(scene, call)` is over; `harm`: "kill" or "stop". */
async function callAndHarm(scene, harm, when, { number = "600", ...options } = {}) {
  const { pair, caller } = scene;
  const [service] = pair.services;
  const call = caller.call(number, { service, ...options });
  await when(scene, call);
  const holder = pair.holderOf(service);
  scene.harmed = pair.harm(harm, holder);
  return call;
}

const invited = ({ trunk }) => until("the trunk has the INVITE", () => trunk.legs.length > 0, { every: 5 });
const ringing = async (_, call) => {
  await until("the caller hears ringing", () => call.rang.includes(180), { every: 5 });
  await sleep(300);
};
const saidTrying = async (_, call) => {
  await until("the caller hears 100", () => call.rang.includes(100), { every: 2 });
  await sleep(10);
};

/** The call is answered in the end, once, and BYE from `bye` ends it. */
async function requireAnswer(scene, call, { trunk = scene.trunk, bye = "caller", timeout } = {}) {
  const leg = await established(scene, call, { trunk, timeout });
  requireOneRing(scene, call);
  const took = Date.now() - call.provenAt;
  const words = await requireBye(scene, call, leg, bye);
  await requireWhole(scene, call);
  await scene.harmed;
  return `${heard(call)} after ${(took / 1000).toFixed(1)} s, ${words}`;
}

/** The call fails with a final response within `within` ms and leaves nobody up. */
async function requireRefusal(scene, call, { within = 40_000, statuses = [500, 503] } = {}) {
  call.outcome = await Promise.race([call.final, sleep(within, { status: "nothing" }, { ref: false })]);
  const took = Date.now() - call.provenAt;
  await requireWhole(scene, call);
  assert.ok(statuses.includes(call.outcome.status), `the caller heard ${heard(call)} within ${within / 1000} s`);
  await scene.harmed;
  return `${heard(call)} after ${(took / 1000).toFixed(1)} s`;
}

const ringThenAnswer = (ms) => async (leg) => {
  leg.ring();
  await sleep(ms, undefined, { ref: false });
  leg.answer();
};
const silent = () => {};

const setups = {
  /** 10 ms after its 100, trunk answers later. */
  tryingThenAnswer: (harm, transport) => measured({ transport, trunk: { play: async (leg) => { await sleep(3000); ringThenAnswer(1000)(leg); } } }, async (scene) =>
    requireAnswer(scene, await callAndHarm(scene, harm, saidTrying))),
  tryingThen503: (harm, transport) => measured({ transport, trunk: { play: async (leg) => { await sleep(3000); leg.refuse(503); } } }, async (scene) =>
    requireRefusal(scene, await callAndHarm(scene, harm, saidTrying), { within: 15_000 })),
  tryingThenSilence: (harm, transport) => measured({ transport, trunk: { play: silent } }, async (scene) =>
    requireAnswer(scene, await callAndHarm(scene, harm, saidTrying, { number: "700" }), { trunk: scene.second })),
  /** Before it has said anything: 100 is not due yet. */
  beforeAnything: (harm, transport) => measured({ transport, trunk: { play: async (leg) => { await sleep(4000); ringThenAnswer(1000)(leg); } } }, async (scene) =>
    requireAnswer(scene, await callAndHarm(scene, harm, invited))),
  beforeAnythingWalk: (harm, transport) => measured({ transport, trunk: { play: silent } }, async (scene) =>
    requireAnswer(scene, await callAndHarm(scene, harm, invited, { number: "700" }), { trunk: scene.second })),
  beforeRinging: (harm, transport) => measured({ transport, trunk: { play: async (leg) => { leg.reply(100); await sleep(4000); ringThenAnswer(1000)(leg); } } }, async (scene) =>
    requireAnswer(scene, await callAndHarm(scene, harm, async (...met) => { await invited(...met); await sleep(1000); }))),
  ringing: (harm, transport, ms = 5000) => measured({ transport, trunk: { play: ringThenAnswer(ms) } }, async (scene) => {
    const call = await callAndHarm(scene, harm, ringing);
    return requireAnswer(scene, call, { bye: "trunk", timeout: ms + 10_000 });
  }),
  ringingThenSilence: (harm, transport) => measured({ transport, trunk: { play: (leg) => leg.ring() } }, async (scene) => {
    const call = await callAndHarm(scene, harm, ringing);
    await scene.harmed;
    await sleep(1000);
    const answer = await Promise.race([call.cancel(), sleep(8000, { start: "nothing" }, { ref: false })]);
    assert.equal(answer.status, 200, `CANCEL heard ${answer.start}`);
    return requireRefusal(scene, call, { statuses: [487] });
  }),
  /** The 200 has come to the node and goes no further. */
  answerSeen: (harm, transport) => measured({ transport, trunk: { play: async (leg) => { leg.ring(); await until("frozen", () => leg.party.mayAnswer, { every: 5 }); leg.answer(); } } }, async (scene) => {
    const { pair, trunk } = scene;
    const call = await callAndHarm(scene, "none", ringing);
    const holder = pair.holderOf(pair.services[0]);
    pair.freeze(holder);
    trunk.mayAnswer = true;
    await sleep(50);
    scene.harmed = pair.harm(harm, holder);
    return requireAnswer(scene, call, { bye: "trunk" });
  }),
  beforeAck: (harm, transport) => measured({ transport }, async (scene) => {
    const call = await callAndHarm(scene, harm, async (_, held) => held.final, { acknowledges: false });
    await scene.harmed;
    call.acknowledges = true;
    call.acknowledge(call.invite.number);
    return requireAnswer(scene, call);
  }),
};

/** In a re-INVITE of the caller that the trunk answers with `status`. */
const reinvite = (status, harm, transport) => {
  let isHarmed = false;
  const onReinvite = async (leg, say) => {
    await leg.party.harm();
    return say(status);
  };
  return measured({ transport, trunk: { onReinvite } }, async (scene) => {
    const { pair, caller, trunk } = scene;
    const [service] = pair.services;
    trunk.harm = async () => {
      if (isHarmed) return;
      isHarmed = true;
      const holder = pair.holderOf(service);
      scene.harmed = pair.harm(harm, holder);
      await sleep(20);
    };
    const call = caller.call("600", { service });
    const leg = await established(scene, call);
    const response = await call.ask("INVITE", { body: call.body });
    assert.equal(response.status, status, `the re-INVITE heard ${response.start}`);
    const unacknowledged = () => trunk.requests.filter(({ method }) => method === "INVITE").length;
    assert.equal(unacknowledged(), 2, "the trunk saw the re-INVITE more than once");
    const words = `re-INVITE ${response.status}, ${await requireBye(scene, call, leg)}`;
    await requireWhole(scene, call);
    await scene.harmed;
    return words;
  });
};

/** CANCEL has reached the trunk, its 487 finds the node gone. */
const cancel = (harm, transport) => measured({ transport, trunk: { play: (leg) => leg.ring(), onCancel: async (leg, carryOn) => { leg.party.harm(); await sleep(20); carryOn(); } } }, async (scene) => {
  const { pair, caller, trunk } = scene;
  const [service] = pair.services;
  const call = caller.call("600", { service });
  await ringing(scene, call);
  trunk.harm = () => (scene.harmed ??= pair.harm(harm, pair.holderOf(service)));
  call.cancel();
  return requireRefusal(scene, call, { statuses: [487] });
});

/** BYE has reached the trunk, and its 200 finds the node gone. */
const bye = (harm, transport) => measured({ transport, trunk: { onBye: async (leg, reply) => { leg.party.harm(); await sleep(20); reply(200); } } }, async (scene) => {
  const { pair, caller, trunk } = scene;
  const [service] = pair.services;
  trunk.harm = () => (scene.harmed ??= pair.harm(harm, pair.holderOf(service)));
  const call = caller.call("600", { service });
  const leg = await established(scene, call);
  const words = await requireBye(scene, call, leg);
  await scene.harmed;
  await requireWhole(scene, call);
  return words;
});

/** A REGISTER is under way when its node goes; afterwards the user can be called. */
const register = (harm, transport) => measured({ transport }, async (scene) => {
  const { pair, caller } = scene;
  const [service] = pair.services;
  const holder = pair.holderOf(service);
  pair.freeze(holder);
  const begun = Date.now();
  const registered = caller.register(service);
  await sleep(20);
  scene.harmed = pair.harm(harm, holder);
  const response = await registered;
  assert.equal(response.status, 200, `REGISTER heard ${response.start}`);
  await scene.harmed;
  return `200 after ${((Date.now() - begun) / 1000).toFixed(1)} s`;
});

/** A registration is known to both nodes: who registered at the dead one is called through the other one. */
const calledAfter = (harm) => measured({}, async (scene) => {
  const { pair, caller, trunk } = scene;
  const [service] = pair.services;
  assert.equal((await caller.register(service)).status, 200);
  await pair.harm(harm, pair.holderOf(service));
  const call = trunk.call(caller.user.name, service);
  const answer = await call.start("INVITE", { body: call.body }).final;
  assert.equal(answer.status, 200, `the trunk's call to the user heard ${answer.start}`);
  const over = await call.hangUp();
  assert.equal(over.status, 200, `its BYE heard ${over.start}`);
  return "200, BYE 200";
});

/** The address goes back to its first node while a call rings. */
const failback = (transport) => measured({ transport, trunk: { play: ringThenAnswer(4000) } }, async (scene) => {
  const { pair, caller } = scene;
  const [service] = pair.services;
  const holder = pair.holderOf(service);
  await pair.kill(holder);
  await pair.startNode(holder);
  const call = caller.call("600", { service });
  await ringing(scene, call);
  pair.move(service, holder);
  return requireAnswer(scene, call);
});

/** One INVITE, copied to both nodes at once. */
const twice = () => measured({ trunk: { play: ringThenAnswer(2000) } }, async (scene) => {
  const { pair, caller } = scene;
  const call = caller.call("600", { service: pair.services[0] });
  await call.invite.final;
  await until("the proven INVITE is out", () => call.provenAt, { every: 1 });
  const { invite } = call;
  caller.link.send({ address: pair.services[1], port: 5060 }, invite.compose(invite.branch));
  return requireAnswer(scene, call);
});

const HARMS = { kill: "killed", stop: "stopped for 5 s" };
const rows = [];
/** `waits`: a mechanism's name, or names for some of the ways ("kill udp"). */
const add = (scene, expected, play, { transports = ["udp"], harms = ["kill", "stop"], short = [], waits = {}, patience } = {}) => {
  for (const harm of harms) {
    for (const transport of transports) {
      const name = `${harm} ${transport}`;
      rows.push({ scene: HARMS[harm] ? `${scene}, ${HARMS[harm]}` : scene, callers: transport.toUpperCase(), expected, short: short.includes(name), waits: typeof waits === "string" ? waits : waits[name], patience, play: () => play(harm, transport) });
    }
  }
};
const both = ["udp", "tcp"];
add("10 ms after its 100, trunk rings and answers later", "one ring, answered, BYE", setups.tryingThenAnswer, { transports: both, short: ["kill udp"] });
add("10 ms after its 100, trunk says 503 later", "the walk ends: 500 or 503", setups.tryingThen503, { transports: both, short: ["kill udp"] });
add("10 ms after its 100, first trunk silent", "the survivor tries the second trunk", setups.tryingThenSilence, { transports: both });
add("before its 100, trunk rings and answers later", "one ring, answered, BYE", setups.beforeAnything, { transports: both, short: ["kill udp"] });
add("before its 100, first trunk silent", "the survivor tries the second trunk", setups.beforeAnythingWalk, { transports: both, short: ["kill udp"] });
add("before any 18x, trunk has said 100", "one ring, answered, BYE", setups.beforeRinging, { transports: both });
add("ringing, answered at 5 s", "one ring, answered, BYE", setups.ringing, { transports: both, short: ["kill udp", "kill tcp"] });
add("ringing, answered at 210 s", "one ring, answered, BYE", (harm, transport) => setups.ringing(harm, transport, LONG_ANSWER_MS), { harms: ["kill"], patience: 300_000 });
add("ringing, trunk silent, caller gives up", "CANCEL reaches the trunk, 487", setups.ringingThenSilence, { transports: both, short: ["kill udp"], waits: "F2" });
add("200 seen and not relayed", "answered once, BYE", setups.answerSeen, { transports: both, short: ["kill udp", "stop udp"] });
add("before the ACK", "the trunk hears the ACK, BYE", setups.beforeAck, { transports: both, short: ["kill udp"] });
for (const status of [200, 488, 491]) {
  add(`in a re-INVITE that the trunk answers with ${status}`, `${status}, the call goes on, BYE`, (...how) => reinvite(status, ...how), { transports: both, short: status === 491 ? ["kill udp"] : status === 200 ? ["kill udp"] : [] });
}
add("in CANCEL", "487, nobody rings", cancel, { transports: both, short: ["kill udp"] });
add("in BYE", "200, both ends over", bye, { transports: both, short: ["kill udp"] });
add("in REGISTER", "200", register, { short: ["kill udp"] });
add("user registered, then called through the other node", "200, BYE", calledAfter, { harms: ["kill"], short: ["kill udp"], waits: "Redis" });
add("failback while ringing", "one ring, answered, BYE", (_, transport) => failback(transport), { harms: [""], short: [" udp"] });
add("the same INVITE to both nodes at once", "one ring", () => twice(), { harms: [""], short: [" udp"], waits: "F3" });
export default rows;
