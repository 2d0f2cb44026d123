// How long a program was ready to run and the machine did something else: what it is late by then is not its fault.
import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_MS = 25;

export class Starvation {
  #samples = []; // {at, waited: Map of thread to ms}, oldest first

  constructor(pid) {
    this.pid = pid;
    this.#sample();
    this.timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  #sample() {
    const waited = new Map();
    try {
      for (const thread of readdirSync(`/proc/${this.pid}/task`)) {
        waited.set(thread, Number(readFileSync(`/proc/${this.pid}/task/${thread}/schedstat`, "latin1").split(" ")[1]) / 1e6);
      }
    } catch {
      return; // it is ending
    }
    this.#samples.push({ at: Number(process.hrtime.bigint()) / 1e6, waited });
  }

  /** Milliseconds that its worst-served thread waited for a processor between two moments of the monotonic clock. */
  between(from, to) {
    const before = this.#samples.findLast(({ at }) => at <= from) ?? this.#samples[0];
    const after = this.#samples.find(({ at }) => at >= to) ?? this.#samples.at(-1);
    return Math.max(0, ...[...after.waited].map(([thread, waited]) => waited - (before.waited.get(thread) ?? 0)));
  }

  async stop() {
    clearInterval(this.timer);
  }
}
