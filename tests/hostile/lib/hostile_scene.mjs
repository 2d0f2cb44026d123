// What both bad-input tests share: a seed, attacking processes in namespaces, and the look at a program afterwards.
import assert from "node:assert/strict";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "../../e2e/lib/process.mjs";
import { onStage } from "../../e2e/lib/scene.mjs";

const LIB = dirname(fileURLToPath(import.meta.url));
const REPORT = /AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:|invariant/i;
const DRAIN_MS = 75_000; // a clean end, so that leaks are looked for too

export const SECONDS = Number(process.env.HOSTILE_SECONDS ?? 60);
export const LIMIT = { timeout: (SECONDS + 240) * 1000 };
const SEED = Number(process.env.HOSTILE_SEED ?? Date.now() % 2 ** 32);

/** A stage whose failure says how to make the same traffic again. */
export async function onHostileStage(hosts, play) {
  try {
    await onStage(hosts, play);
  } catch (error) {
    console.error(`the traffic was that of HOSTILE_SEED=${SEED} HOSTILE_SECONDS=${SECONDS}`);
    throw error;
  }
}

/** A node process of this folder inside a namespace; `nice`: it steps back for the others. */
export function spawnNode(network, host, script, job, { nice = 0 } = {}) {
  const child = network.spawn(host, "nice", ["-n", String(nice), process.execPath, join(LIB, script), JSON.stringify(job)]);
  const closed = once(child, "close");
  const program = new Program(`${script} on ${host}`, child);
  /** Its last line, once it has ended. */
  program.result = async () => {
    await closed;
    assert.equal(child.exitCode, 0, `${program.name} failed:\n${program.output}`);
    return JSON.parse(program.output.trim().split("\n").at(-1));
  };
  return program;
}

export const runNode = (network, host, script, ...args) => network.run(host, process.execPath, [join(LIB, script), ...args]).trim();

/** All jobs at once, {host, targets}; gives the counts of every target when the time is over. */
export async function attack(scene, jobs) {
  const running = jobs.map(({ host, targets }, index) =>
    scene.add(spawnNode(scene.network, host, "attack_main.mjs", { seed: (SEED + index * 7919) % 2 ** 32, seconds: SECONDS, targets }, { nice: 10 })));
  const counts = Object.assign({}, ...(await Promise.all(running.map((program) => program.result()))));
  for (const { targets } of jobs) {
    for (const { name, transport, rate } of targets) {
      const done = transport === "udp" ? counts[name].datagrams : counts[name].opened;
      assert.ok(done > (rate * SECONDS) / 10, `too little traffic reached ${name}: ${JSON.stringify(counts[name])}`);
    }
  }
  return counts;
}

export function requireAlive(program) {
  assert.ok(!program.exited, `${program.name} died (${program.code}):\n${program.output.slice(-8000)}`);
  assert.doesNotMatch(program.output, REPORT);
}

/** It ends when asked, without an error, and no sanitizer has had a word to say. */
export async function requireCleanEnd(program) {
  requireAlive(program);
  await program.stop("SIGTERM", DRAIN_MS);
  const report = program.output.search(REPORT);
  assert.equal(report, -1, program.output.slice(Math.max(0, report - 500), report + 8000));
  assert.equal(program.code, 0, `${program.name} ended with ${program.code}:\n${program.output.slice(-4000)}`);
}
