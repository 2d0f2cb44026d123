// Hostile traffic over UDP, TCP, TLS, WS and WSS. Each attacker is bounded in rate and in open connections, counts what it
// does, and stops when told.
import { createSocket } from "node:dgram";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { frames, handshake } from "./websocket.mjs";

const TICK_MS = 20;
const SOCKETS = 8;
const SOCKET_CHANGE = 0.02; // per tick: another source port
const OPEN_AT_ONCE = 40;
const LONGEST_LIFE_MS = 6000;

/** Calls `act` `rate` times a second, some at a time. */
class Pace {
  constructor(rate, act) {
    let due = 0;
    this.timer = setInterval(() => {
      for (due += (rate * TICK_MS) / 1000; due >= 1; --due) act();
    }, TICK_MS);
  }

  stop() {
    clearInterval(this.timer);
  }
}

/** Datagrams to one or several ports of a host, from changing ports. */
export class UdpAttacker {
  counts = { datagrams: 0, bytes: 0, replies: 0 };
  #sockets = [];

  constructor({ address, ports, rate }, mutator) {
    this.address = address;
    this.ports = ports;
    this.mutator = mutator;
    this.random = mutator.random;
    for (let i = 0; i < SOCKETS; ++i) this.#sockets.push(this.#open());
    this.pace = new Pace(rate, () => this.#shoot());
  }

  #open() {
    const socket = createSocket("udp4");
    socket.on("error", () => {});
    socket.on("message", () => ++this.counts.replies);
    return socket;
  }

  #shoot() {
    if (this.random.chance(SOCKET_CHANGE)) {
      const at = this.random.below(SOCKETS);
      this.#sockets[at].close();
      this.#sockets[at] = this.#open();
    }
    const bytes = this.mutator.next();
    this.random.pick(this.#sockets).send(bytes, this.random.pick(this.ports), this.address, () => {});
    ++this.counts.datagrams;
    this.counts.bytes += bytes.length;
  }

  stop() {
    this.pace.stop();
    for (const socket of this.#sockets) socket.close();
  }
}

/** Connections of TCP, TLS, WS or WSS that misbehave in every layer. */
export class StreamAttacker {
  counts = { connections: 0, opened: 0, bytes: 0, replies: 0 };
  #open = new Set();

  constructor({ transport, address, ports, rate, path = "/ws" }, mutator) {
    Object.assign(this, { transport, address, path, mutator, port: ports[0], random: mutator.random });
    this.pace = new Pace(rate, () => this.#connect());
  }

  get #secure() {
    return this.transport === "tls" || this.transport === "wss";
  }

  get #web() {
    return this.transport === "ws" || this.transport === "wss";
  }

  #connect() {
    if (this.#open.size >= OPEN_AT_ONCE) return;
    const raw = !this.#secure || this.random.chance(0.2); // bytes that are no TLS
    const options = { host: this.address, port: this.port };
    const socket = raw ? connectTcp(options) : connectTls({ ...options, rejectUnauthorized: false, minVersion: "TLSv1.2" });
    ++this.counts.connections;
    this.#open.add(socket);
    const life = setTimeout(() => socket.destroy(), this.random.between(50, LONGEST_LIFE_MS));
    socket.on("data", () => ++this.counts.replies);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(life);
      this.#open.delete(socket);
    });
    socket.on(raw ? "connect" : "secureConnect", () => {
      ++this.counts.opened;
      this.#speak(socket);
    });
  }

  #speak(socket) {
    const pieces = this.#pieces(this.#stream());
    const step = () => {
      if (socket.destroyed || socket.writableLength > 200_000) return;
      const piece = pieces.shift();
      if (piece === undefined) return this.#part(socket);
      socket.write(piece);
      this.counts.bytes += piece.length;
      setTimeout(step, this.random.chance(0.8) ? 0 : this.random.below(100));
    };
    step();
  }

  /** Everything one connection says. */
  #stream() {
    if (this.random.chance(0.1)) return this.random.bytes(this.random.below(5000));
    const messages = [];
    for (let count = this.random.between(1, 12); count > 0; --count) messages.push(this.random.chance(0.5) ? this.mutator.valid() : this.mutator.next());
    if (!this.#web) return Buffer.concat(messages);
    const opening = handshake(this.path, this.address, this.random);
    return Buffer.concat([this.random.chance(0.2) ? this.mutator.mutate(opening) : opening, frames(messages, this.mutator)]);
  }

  #pieces(bytes) {
    const pieces = [];
    const longest = this.random.pick([7, 200, 1400, 65536]);
    for (let at = 0; at < bytes.length && pieces.length < 400;) {
      const length = this.random.between(1, longest);
      pieces.push(bytes.subarray(at, at + length));
      at += length;
    }
    return pieces;
  }

  /** Ends, is reset, or stays and says nothing more. */
  #part(socket) {
    const way = this.random.below(3);
    if (way === 0) socket.end();
    else if (way === 1 && !socket.encrypted) socket.resetAndDestroy();
    else if (way === 1) socket.destroy(); // without a word of TLS
  }

  stop() {
    this.pace.stop();
    for (const socket of this.#open) socket.destroy();
  }
}
