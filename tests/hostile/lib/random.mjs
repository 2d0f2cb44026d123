// Seeded randomness: the same seed makes the same traffic, so that a finding can be made again.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 ≤ result < limit. */
  below(limit) {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  between(low, high) {
    return low + this.below(high - low + 1);
  }

  chance(probability) {
    return this.next() < probability * 2 ** 32;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  bytes(length) {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; ++i) bytes[i] = this.next() & 0xff;
    return bytes;
  }

  /** A generator of its own, for one part of the traffic. */
  fork(name) {
    let seed = this.#state;
    for (const char of name) seed = (Math.imul(seed, 31) + char.charCodeAt(0)) >>> 0;
    return new Random(seed);
  }
}
