// A program under test: started, watched, stopped by its own PID, its output kept for the failure message.
import { once } from "node:events";
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

/**
 * Waits for a child that ends by itself, spawned `detached` (a group of its own), and gives its output. After `deadline`
 * ms the group is killed; that, and a code other than 0, is an error.
 */
export async function finish(name, child, deadline) {
  const program = new Program(name, child);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-child.pid, "SIGKILL");
    for (const stream of [child.stdout, child.stderr]) stream.destroy(); // who has left the group may still hold them
  }, deadline);
  try {
    await once(child, "close");
  } finally {
    clearTimeout(timer);
  }
  if (late) throw new Error(`${name} had not ended after ${deadline} ms:\n${program.output.slice(-3000)}`);
  if (program.code !== 0) throw new Error(`${name} ended with ${program.code}:\n${program.output.slice(-3000)}`);
  return program.output;
}
