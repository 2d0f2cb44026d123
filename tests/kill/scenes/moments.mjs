// A node that goes in the middle of a transaction: while a call is set up, changed, given up, ended, while a user registers.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../e2e/lib/process.mjs";
import { onPair } from "../lib/pair.mjs";
import { established, heard, requireBye, requireWhole } from "../lib/verdict.mjs";

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
const after = (ms, play) => async (leg) => {
  await sleep(ms, undefined, { ref: false });
  play(leg);
};
const silent = () => {};

/** A scene whose call's holder goes `when`, and what has to become of the call: judge(scene, call). */
const setup = (trunk, when, judge, { number } = {}) => (harm, transport) =>
  measured({ transport, trunk: { play: trunk }, second: { play: ringThenAnswer(1000) } }, async (scene) =>
    judge(scene, await callAndHarm(scene, harm, when, { number })));

const bySecond = (scene, call) => requireAnswer(scene, call, { trunk: scene.second });
const whenAwake = async (scene, call) => {
  await scene.harmed;
  return requireAnswer(scene, call);
};
const tryThenRing = (leg) => {
  leg.reply(100);
  return after(4000, ringThenAnswer(1000))(leg);
};
const TO_BOTH = { number: "700" };
const aSecondLater = async (...met) => {
  await invited(...met);
  await sleep(1000);
};

const ringThenTalk = (harm, transport, ms = 5000) =>
  setup(ringThenAnswer(ms), ringing, (scene, call) => requireAnswer(scene, call, { bye: "trunk", timeout: ms + 10_000 }))(harm, transport);

/** The caller gives up when the survivor has the address. */
const giveUp = async (scene, call) => {
  await scene.harmed;
  await sleep(1000);
  const answer = await Promise.race([call.cancel(), sleep(8000, { start: "nothing" }, { ref: false })]);
  assert.equal(answer.status, 200, `CANCEL heard ${answer.start}`);
  return requireRefusal(scene, call, { statuses: [487] });
};

/** The 200 has come to the node and goes no further. */
const answerSeen = (harm, transport) => {
  const play = async (leg) => {
    leg.ring();
    await until("the node is frozen", () => leg.party.mayAnswer, { every: 5 });
    leg.answer();
  };
  return measured({ transport, trunk: { play } }, async (scene) => {
    const { pair, trunk } = scene;
    const call = await callAndHarm(scene, "none", ringing);
    const holder = pair.holderOf(pair.services[0]);
    pair.freeze(holder);
    trunk.mayAnswer = true;
    await sleep(50);
    scene.harmed = pair.harm(harm, holder);
    return requireAnswer(scene, call, { bye: "trunk" });
  });
};

const beforeAck = (harm, transport) => measured({ transport }, async (scene) => {
  const call = await callAndHarm(scene, harm, async (_, held) => held.final, { acknowledges: false });
  await scene.harmed;
  call.acknowledges = true;
  call.acknowledge(call.invite.number);
  return requireAnswer(scene, call);
});

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

const cutOff = async (leg, goOn) => {
  leg.party.harm();
  await sleep(20);
  goOn();
};

/** CANCEL has reached the trunk, its 487 finds the node gone. */
const cancel = (harm, transport) => measured({ transport, trunk: { play: (leg) => leg.ring(), onCancel: cutOff } }, async (scene) => {
  const { pair, caller, trunk } = scene;
  const [service] = pair.services;
  const call = caller.call("600", { service });
  await ringing(scene, call);
  trunk.harm = () => (scene.harmed ??= pair.harm(harm, pair.holderOf(service)));
  call.cancel();
  return requireRefusal(scene, call, { statuses: [487] });
});

/** BYE has reached the trunk, and its 200 finds the node gone. */
const bye = (harm, transport) => measured({ transport, trunk: { onBye: (leg, reply) => cutOff(leg, () => reply(200)) } }, async (scene) => {
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

const HARMS = { kill: "killed", stop: "stopped for 5 s", sleep: "machine asleep for 5 s" };
const rows = [];
/** `waits`: a mechanism's name, or names for some of the ways ("kill udp"). */
const add = (scene, expected, play, { transports = ["udp"], harms = ["kill", "stop"], short = [], waits = {}, patience } = {}) => {
  for (const harm of harms) {
    for (const transport of transports) {
      const name = `${harm} ${transport}`;
      rows.push({
        scene: HARMS[harm] ? `${scene}, ${HARMS[harm]}` : scene,
        callers: transport.toUpperCase(), expected, short: short.includes(name),
        waits: typeof waits === "string" ? waits : waits[name], patience,
        play: () => play(harm, transport),
      });
    }
  }
};
const both = ["udp", "tcp"];
const ANSWERED = "one ring, answered, BYE";
const WALKS = "the survivor tries the second trunk";
add("10 ms after its 100, trunk rings and answers later", ANSWERED,
  setup(after(3000, ringThenAnswer(1000)), saidTrying, requireAnswer),
  { transports: both, short: ["kill udp"] });
add("10 ms after its 100, trunk says 503 later", "the walk ends: 500 or 503",
  setup(after(3000, (leg) => leg.refuse(503)), saidTrying, requireRefusal),
  { transports: both, short: ["kill udp"] });
add("10 ms after its 100, first trunk silent", WALKS,
  setup(silent, saidTrying, bySecond, TO_BOTH), { transports: both, waits: "F2" });
add("before its 100, trunk rings and answers later", ANSWERED,
  setup(after(4000, ringThenAnswer(1000)), invited, requireAnswer), { transports: both, short: ["kill udp"] });
add("before its 100, first trunk silent", WALKS,
  setup(silent, invited, bySecond, TO_BOTH),
  { transports: both, short: ["kill udp"], waits: { "kill tcp": "F2", "stop tcp": "F2" } });
add("before its 100, trunk rings meanwhile", ANSWERED,
  setup(after(1500, ringThenAnswer(8000)), invited, whenAwake, TO_BOTH), { harms: ["sleep"], waits: "F6" });
add("before any 18x, trunk has said 100", ANSWERED,
  setup(tryThenRing, aSecondLater, requireAnswer), { transports: both });
add("ringing, answered at 5 s", ANSWERED, ringThenTalk, { transports: both, short: ["kill udp"] });
add("ringing, answered at 210 s", ANSWERED,
  (harm, transport) => ringThenTalk(harm, transport, LONG_ANSWER_MS), { harms: ["kill"], patience: 300_000 });
add("ringing, trunk silent, caller gives up", "CANCEL reaches the trunk, 487",
  setup((leg) => leg.ring(), ringing, giveUp), { transports: both, short: ["kill udp"], waits: "F2" });
add("200 seen and not relayed", "answered once, BYE", answerSeen, { transports: both, short: ["kill udp"] });
add("before the ACK", "the trunk hears the ACK, BYE", beforeAck, { transports: both, short: ["kill udp"] });
for (const status of [200, 488, 491]) {
  add(`in a re-INVITE that the trunk answers with ${status}`, `${status}, the call goes on, BYE`,
    (...how) => reinvite(status, ...how), { transports: both, short: status === 200 ? ["kill udp"] : [] });
}
add("in CANCEL", "487, nobody rings", cancel, { transports: both, short: ["kill udp"] });
add("in BYE", "200, both ends over", bye, { transports: both, short: ["kill udp"] });
add("in REGISTER", "200", register, { short: ["kill udp"] });
add("user registered, then called through the other node", "200, BYE",
  calledAfter, { harms: ["kill"], short: ["kill udp"], waits: "Redis" });
add("failback while ringing", "one ring, answered, BYE",
  (_, transport) => failback(transport), { harms: [""], short: [" udp"] });
add("the same INVITE to both nodes at once", "one ring", () => twice(), { harms: [""], short: [" udp"], waits: "F3" });
export default rows;
