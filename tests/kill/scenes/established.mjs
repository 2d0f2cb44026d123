// A call that is up when a node goes.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { onPair } from "../lib/pair.mjs";
import { established, requireBye, requireWhole, startVoices } from "../lib/verdict.mjs";

const TALK_MS = 1500;
const DEMANDS = { user: "edge", password: "edge-secret", methods: ["INVITE", "BYE"] };

async function requireReinvite(end, who) {
  const response = await end.ask("INVITE", { body: end.body });
  assert.equal(response.status, 200, `re-INVITE from the ${who}: ${response.start}`);
}

/** `how`: "kill" or "stop"; `hits`: "holder" of the call or "idle" node; `bye`: who ends it. */
const talk = ({ how = "kill", hits = "holder", transport = "udp", bye = "caller", demands } = {}) => {
  let measured;
  return onPair({ transport, trunk: { demands }, pair: { demands } }, async (scene) => {
    const { pair, caller } = scene;
    const [service] = pair.services;
    const call = caller.call("600", { service });
    const leg = await established(scene, call);
    const voices = startVoices(scene, call, leg);
    await sleep(TALK_MS);
    const holder = pair.holderOf(service);
    await pair.harm(how, hits === "holder" ? holder : pair.other(holder));
    await sleep(TALK_MS);
    await requireReinvite(call, "caller");
    await requireReinvite(leg, "trunk");
    await sleep(TALK_MS);
    await voices.requireAudio();
    measured = `no gap, re-INVITE both ways, ${await requireBye(scene, call, leg, bye)}`;
    await requireWhole(scene, call);
  }).then(() => measured);
};

const EXPECTED = "audio without a gap, re-INVITEs and BYE pass";
const row = (scene, callers, options, more = {}) => ({ scene, callers, expected: EXPECTED, play: () => talk(options), ...more });

export default [
  row("established, holder killed, caller's BYE", "UDP", {}, { short: true }),
  row("established, holder killed, trunk's BYE", "UDP", { bye: "trunk" }, { short: true }),
  row("established, holder stopped for 5 s, caller's BYE", "UDP", { how: "stop" }, { short: true }),
  row("established, holder stopped for 5 s, trunk's BYE", "UDP", { how: "stop", bye: "trunk" }),
  row("established, idle node killed", "UDP", { hits: "idle" }),
  row("established, idle node stopped for 5 s", "UDP", { hits: "idle", how: "stop" }),
  row("established, trunk challenges, holder killed", "UDP", { demands: DEMANDS }, { short: true }),
  row("established, holder killed, caller's BYE", "TCP", { transport: "tcp" }, { short: true }),
  row("established, holder killed, trunk's BYE", "TCP", { transport: "tcp", bye: "trunk" }),
  row("established, holder stopped for 5 s", "TCP", { transport: "tcp", how: "stop" }),
];
