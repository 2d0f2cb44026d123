// Calls over connections: browsers' WebSockets on one side, a gateway's TLS on the other.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { makeCertificate } from "../../e2e/lib/causeway.mjs";
import { until } from "../../e2e/lib/process.mjs";
import { Caller } from "../lib/caller.mjs";
import { StreamLink } from "../lib/links.mjs";
import { onPair } from "../lib/pair.mjs";
import { Trunk } from "../lib/trunk.mjs";

const PHONES = 10;
const CALLS_EACH = 10;
const CALLS = PHONES * CALLS_EACH;
const PACE_MS = 40; // from call to call
const SETTLED_MS = 3000; // every phone is back by then

/** A hundred calls from WebSockets to TLS, half of which the callers end and half the gateway. */
const sealedCalls = (harm) => async () => {
  let words;
  await onPair({ gateways: false, pair: { sealed: true } }, async (scene) => {
    const { network, pair, add } = scene;
    const [service] = pair.services;
    const gateway = add(new Trunk("gateway", new StreamLink(network, "trunk", "tls", { certificate: pair.certificate })));
    const phones = Array.from({ length: PHONES }, (_, i) => add(new Caller(`phone ${i}`, new StreamLink(network, "phone", "wss"))));
    await Promise.all([gateway, ...phones].map((party) => party.start()));
    for (const phone of phones) assert.equal((await phone.register(service)).status, 200);
    const calls = [];
    for (let i = 0; i < CALLS; ++i) {
      calls.push(phones[i % PHONES].call("600", { service }));
      await sleep(PACE_MS);
    }
    const answers = await Promise.all(calls.map(({ final }) => Promise.race([final, sleep(5000, { status: "nothing" }, { ref: false })])));
    const up = answers.filter(({ status }) => status === 200).length;
    assert.equal(up, CALLS, `${up} of ${CALLS} calls came up: ${answers.find(({ status }) => status !== 200)?.start}`);
    await pair.harm(harm, pair.holderOf(service));
    await sleep(SETTLED_MS);
    const legOf = (call) => gateway.legs.find(({ id }) => id === call.id);
    const byes = await Promise.all(calls.map((call, i) => (i % 2 ? call : legOf(call)).hangUp()));
    const lost = (from) => byes.filter(({ status }, i) => status !== 200 && i % 2 === from).length;
    assert.equal(lost(0) + lost(1), 0, `${lost(1)} BYEs of callers and ${lost(0)} of the gateway failed`);
    await until("every end is over", () => calls.every((call) => call.endedAt && legOf(call).endedAt), { timeout: 3000 });
    await until("the relays have forgotten the calls", () => pair.relayCalls() === 0, { timeout: 3000 });
    const times = byes.map(({ took }) => took).sort((a, b) => a - b);
    words = `${CALLS} of ${CALLS} ended; BYE p50 ${times[CALLS / 2]} max ${times.at(-1)} ms`;
  });
  return words;
};

const EXPECTED = "none lost, every BYE answered, no leg left";
const row = (scene, harm, more = {}) => ({ scene, callers: "WSS", expected: EXPECTED, play: sealedCalls(harm), ...more });

export default [
  row("100 calls from WebSockets to a TLS trunk, node killed", "kill", { short: true }),
  row("100 calls from WebSockets to a TLS trunk, node stopped for 5 s", "stop"),
];
