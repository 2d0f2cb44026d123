// A program under test: started, watched, stopped by its own PID, its output kept for the failure message.
import { setTimeout as sleep } from "node:timers/promises";

export async function until(what, condition, { timeout = 10_000, every = 50 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out after ${timeout} ms waiting until ${what}`);
    await sleep(every);
  }
}

export class Program {
  output = "";
  exited = false;

  /** `ending`: the signal that ends it at once. */
  constructor(name, child, { ending = "SIGTERM" } = {}) {
    this.name = name;
    this.child = child;
    this.ending = ending;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (this.output += data));
    this.closed = new Promise((resolve) => child.once("exit", (code, signal) => {
      this.exited = true;
      this.code = code ?? signal;
      resolve();
    }));
  }

  async says(text, options) {
    const found = () => (text instanceof RegExp ? text.test(this.output) : this.output.includes(text));
    await until(`${this.name} says ${text}`, () => {
      if (found()) return true;
      if (this.exited) throw new Error(`${this.name} exited (${this.code}) before it said ${text}:\n${this.output}`);
      return false;
    }, options).catch((error) => {
      throw new Error(`${error.message}:\n${this.output.slice(-3000)}`);
    });
  }

  async stop(signal = this.ending, grace = 3000) {
    if (this.exited) return;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), grace);
    await this.closed;
    clearTimeout(late);
  }
}
