// Somebody who has seen messages of a call, or has a call of his own, and wants more than his own: on the node that knows
// the call, and on the survivor that has never heard of it.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { USERS } from "../../e2e/lib/causeway.mjs";
import { composeSip, digestCredentials, responseFields } from "../../e2e/lib/sip.mjs";
import { Caller } from "../lib/caller.mjs";
import { Dialog } from "../lib/dialog.mjs";
import { SIP_PORT, UdpLink } from "../lib/links.mjs";
import { onPair } from "../lib/pair.mjs";
import { token } from "../lib/party.mjs";
import { established, requireBye } from "../lib/verdict.mjs";

const [, BOB] = USERS;
const PREMIUM = "69001234";
const QUIET_MS = 1500;

/** Alice talks; with `survivor` the node that set her call up is dead. play(scene, call, leg) gives what it measured. */
const duringCall = (play, { survivor = false, trunk } = {}) => async () => {
  let words;
  await onPair({ trunk }, async (scene) => {
    const { pair, caller, add, network } = scene;
    const [service] = pair.services;
    scene.stranger = await add(new Caller("stranger", new UdpLink(network, "stranger"), BOB)).start();
    const call = caller.call("600", { service });
    const leg = await established(scene, call);
    if (survivor) await pair.kill(pair.holderOf(service));
    const before = scene.trunk.requests.length + scene.second.requests.length;
    words = await play(scene, call, leg);
    await sleep(QUIET_MS);
    const reached = [...scene.trunk.requests, ...scene.second.requests].slice(before);
    assert.deepEqual(reached.map(({ start }) => start), [], "it reached a trunk");
    words += `, ${await requireBye(scene, call, leg)}`;
  });
  return words;
};

/** The same call as `party` would go on with it. */
function stolen(party, call, changes = {}) {
  const { id, local, remote, target, routes, user, nextHop } = call;
  return Object.assign(new Dialog(party, { id, local, remote, target, routes, user, nextHop, ...changes }), { number: call.number + 5 });
}

/** Final response to `method`, with a proof of who `party` is where that is asked for. */
async function askProven(party, dialog, method, body) {
  const first = await dialog.ask(method, { body });
  if (first.status !== 407) return first;
  const { name, password } = party.user;
  const proof = digestCredentials(first.all("proxy-authenticate"), { user: name, password, method, uri: dialog.target });
  return dialog.ask(method, { body, more: [`Proxy-Authorization: ${proof}`] });
}

const requireRefused = ({ status, start }) => {
  assert.ok([401, 403, 407, 481].includes(status), `it heard ${start}`);
  return `refused with ${status}`;
};

/** A To tag that nobody has given, the Route of a real call, and an expensive number. */
const inventedTag = (who) => async (scene, call) => {
  const party = scene[who];
  const target = `sip:${PREMIUM}@${scene.network.address("trunk")}`;
  const remote = `<${target}>;tag=${token()}`;
  const dialog = stolen(party, call, { target, remote });
  return requireRefused(await askProven(party, dialog, "INVITE", call.body));
};

/** The response of a sniffed request, aimed elsewhere by the Via below ours. */
const replayedVia = async (scene, call, leg) => {
  const { network, stranger, pair, trunk } = scene;
  const bait = scene.add(new UdpLink(network, "stranger", { port: 7000 }));
  let caught = 0;
  await bait.start(() => ++caught);
  const aim = (line) => {
    if (!/^Via:/.test(line) || /;ck=/.test(line)) return line;
    return line.replace(/;rport(=\d+)?/, ";rport=7000").replace(/;received=[^;]*/, `;received=${network.address("stranger")}`);
  };
  const fields = responseFields(leg.invite, leg.tag);
  assert.ok(fields.some((field) => /;ck=/.test(field)), "the request carried a sealed Via");
  const calls = caught;
  const response = composeSip("SIP/2.0 180 Ringing", fields.map(aim));
  for (const party of [stranger, trunk]) {
    for (const service of pair.services) party.link.send({ address: service, port: SIP_PORT }, response);
  }
  await sleep(QUIET_MS);
  assert.equal(caught - calls, 0, `${caught} responses went where the attacker wanted`);
  assert.ok(!call.rang.includes(180), "the caller heard it");
  return "nothing was sent on";
};

/** Bob is somebody, but not the one whose call it is. */
const hijack = async (scene, call) => {
  const { stranger, pair } = scene;
  const words = requireRefused(await askProven(stranger, stolen(stranger, call), "INVITE", call.body));
  const [service] = pair.services;
  const own = `<sip:${scene.caller.user.name}@${service}>`;
  const registration = new Dialog(stranger, {
    id: token(), local: `${own};tag=${token()}`, remote: own, target: `sip:${service}`, user: BOB.name, nextHop: { address: service, port: SIP_PORT },
  });
  const challenge = await registration.ask("REGISTER");
  const { name: user, password } = BOB;
  const proof = digestCredentials(challenge.all("www-authenticate"), { user, password, method: "REGISTER", uri: registration.target });
  requireRefused(await registration.ask("REGISTER", { more: [`Authorization: ${proof}`] }));
  return words;
};

/**
 * Alice registers, and her REGISTER is sent once more, with the Contact of somebody else: by `who`, to the node that has
 * seen it ("same") or to the other one.
 */
const sniffedRegister = (who, node) => async (scene) => {
  const { caller, pair, network } = scene;
  const [service, other] = pair.services;
  let sniffed;
  const { ask } = caller;
  caller.ask = (method, to, compose, more) => {
    const client = ask.call(caller, method, to, compose, more);
    sniffed = compose(client.branch);
    return client;
  };
  assert.equal((await caller.register(service)).status, 200);
  caller.ask = ask;
  assert.match(sniffed, /^Authorization: /m);
  const party = scene[who];
  const evil = `Contact: <sip:evil@${network.address("stranger")}:${SIP_PORT}>`;
  const replay = (branch) => sniffed.replace(/^Contact: .*$/m, evil).replace(/branch=[^;]+/, `branch=${branch}`)
    .replace(/^CSeq: (\d+)/m, (_, number) => `CSeq: ${Number(number) + 1}`);
  const client = party.ask("REGISTER", { address: node === "same" ? service : other, port: SIP_PORT }, replay);
  return requireRefused(await client.final);
};

const EXPECTED = "refused, nothing reaches a trunk";
const row = (scene, play, more = {}) => ({ scene: `attack: ${scene}`, callers: "UDP", expected: EXPECTED, play, ...more });
const SURVIVOR = { survivor: true };

export default [
  row("invented To tag, premium number, by a stranger", duringCall(inventedTag("stranger")), { short: true }),
  row("invented To tag, premium number, by the caller", duringCall(inventedTag("caller")), { short: true }),
  row("the same by a stranger at the survivor", duringCall(inventedTag("stranger"), SURVIVOR)),
  row("the same by the caller at the survivor", duringCall(inventedTag("caller"), SURVIVOR)),
  row("replayed Via with another rport", duringCall(replayedVia)),
  row("replayed Via with another rport at the survivor", duringCall(replayedVia, SURVIVOR), { short: true }),
  row("hijack of a call and of a registration by another user", duringCall(hijack), { short: true }),
  row("the same at the survivor", duringCall(hijack, SURVIVOR)),
  row("sniffed REGISTER, other Contact and source", duringCall(sniffedRegister("stranger", "same")), { short: true }),
  row("sniffed REGISTER, other Contact and source, other node", duringCall(sniffedRegister("stranger", "other"))),
  row("sniffed REGISTER, other Contact, same source", duringCall(sniffedRegister("caller", "same"))),
  row("sniffed REGISTER, other Contact, same source, other node", duringCall(sniffedRegister("caller", "other")), { waits: "Redis" }),
];
