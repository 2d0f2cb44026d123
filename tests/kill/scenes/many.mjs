// Calls by the thousand over both nodes, one of which dies: every one of them is ended by a BYE that is answered.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../e2e/lib/process.mjs";
import { MORE_GATEWAYS, onPair } from "../lib/pair.mjs";
import { byeTimes, sipp, writeScenarios } from "../lib/sipp.mjs";
import { established, requireBye, startVoices } from "../lib/verdict.mjs";

const RATE = 25; // calls a second of each caller
const HOLD_MS = 9000; // after all are up
const [WAITING, ENDING] = Object.keys(MORE_GATEWAYS); // gateways that are hung up on, and that hang up

/** `calls` in all, a quarter of them from each caller; `harm`: what befalls the first node. */
function many({ calls, harm = "kill" }) {
  let words;
  return onPair({}, async (scene) => {
    const { pair, directory } = scene;
    writeScenarios(directory);
    const talkMs = (calls / 4 / RATE) * 1000 + HOLD_MS;
    const hold = ["-d", String(talkMs)];
    const share = calls / 4;
    const quarters = pair.services.flatMap((towards) => [WAITING, ENDING].map((number) => ({ towards, number })));
    const toGateway = (number) => quarters.filter((quarter) => quarter.number === number).length * share;
    const gateways = [[WAITING, "gateway_waits"], [ENDING, "gateway_ends"]].filter(([number]) => toGateway(number))
      .map(([number, scenario]) => sipp(scene, "trunk", scenario, { port: MORE_GATEWAYS[number], calls: toGateway(number), more: hold }));
    await sleep(1000);
    const phones = quarters.map(({ towards, number }, i) => sipp(scene, "phone", number === WAITING ? "caller_ends" : "caller_waits", {
      port: 5061 + i, calls: share, towards, more: ["-s", number, "-r", String(RATE), ...hold],
    }));
    await until("every call is up", () => pair.relayCalls() === calls, { timeout: talkMs, every: 200 });
    const sample = scene.caller.call("800", { service: pair.services[0] });
    const leg = await established(scene, sample, { trunk: scene.second });
    const voices = startVoices(scene, sample, leg, "second");
    await pair.harm(harm, pair.holderOf(pair.services[0]));
    await until("SIPp has ended its calls", () => [...phones, ...gateways].every(({ exited }) => exited), { timeout: 120_000 });
    await voices.requireAudio();
    await requireBye(scene, sample, leg);
    for (const program of [...phones, ...gateways]) {
      const [, lost] = program.output.match(/Failed call\s*\|\s*\d+\s*\|\s*(\d+)/g)?.at(-1)?.match(/\|\s*(\d+)$/) ?? [];
      assert.equal(program.code, 0, `${program.name} lost ${lost ?? "some"} calls`);
    }
    const times = byeTimes(directory);
    assert.equal(times.length, calls, `${times.length} of ${calls} BYEs were answered`);
    const at = (share_) => times[Math.min(times.length - 1, Math.floor(times.length * share_))].toFixed(1);
    words = `${calls} of ${calls} ended; BYE p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms; sample without a gap`;
  }).then(() => words);
}

const row = (scene, callers, options, more = {}) => ({
  scene, callers, expected: "none lost, every BYE answered, no leg left", patience: 240_000, play: () => many(options), ...more,
});

export default [
  row("200 calls on both nodes, one killed", "SIPp UDP", { calls: 200 }, { short: true }),
  row("1,000 calls on both nodes, one killed", "SIPp UDP", { calls: 1000 }),
  row("1,000 calls on both nodes, one stopped for 5 s", "SIPp UDP", { calls: 1000, harm: "stop" }),
];
