// A SIP element that obeys RFC 3261's timers and tells a test what it met: client transactions that repeat over UDP until
// they hear something, server transactions that answer a repeat with what they said before.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { composeSip, parseSip, responseFields } from "../../e2e/lib/sip.mjs";

const T1_MS = 500;
const T2_MS = 4000;
export const TRANSACTION_MS = 64 * T1_MS;

export const token = () => randomBytes(6).toString("hex");
const branchOf = (message) => message.get("via").match(/;branch=([^;,\s]+)/)?.[1] ?? "";
const sentBy = (message) => message.get("via").match(/^SIP\/2\.0\/\w+ ([^;\s]+)/)?.[1] ?? "";
const methodOf = (message) => message.get("cseq").split(" ")[1];
const numberOf = (message) => Number.parseInt(message.get("cseq"), 10);

/** Of a request that nobody answered in time. */
export const TIMEOUT = { status: 0, start: "timeout" };

class ClientTransaction {
  responses = [];

  constructor(party, method, to, compose) {
    Object.assign(this, { party, method, to, compose, branch: `z9hG4bK${token()}`, begun: Date.now() });
    this.final = new Promise((resolve) => (this.resolve = resolve));
  }

  async run() {
    const bytes = this.compose(this.branch);
    const longest = this.method === "INVITE" ? TRANSACTION_MS : T2_MS;
    for (let wait = T1_MS; !this.isHeard() && Date.now() < this.begun + TRANSACTION_MS; wait = Math.min(wait * 2, longest)) {
      this.party.link.send(this.to, bytes);
      if (this.party.link.isReliable) break;
      await Promise.race([sleep(wait, undefined, { ref: false }), this.final]);
    }
    const left = this.begun + TRANSACTION_MS - Date.now();
    if (!this.isHeard() && left > 0) await Promise.race([sleep(left, undefined, { ref: false }), this.final]);
    if (!this.isHeard()) this.resolve(TIMEOUT);
  }

  /** An INVITE is quiet once there was any response, anything else once it is over. */
  isHeard() {
    return this.method === "INVITE" ? this.responses.length > 0 : this.responses.some(({ status }) => status >= 200);
  }

  onResponse(response) {
    this.responses.push(Object.assign(response, { at: Date.now() }));
    if (response.status >= 200) this.resolve(response);
    this.onAny?.(response);
  }
}

export class Party {
  output = "";
  #clients = new Map(); // "branch method"
  #served = new Map(); // "branch sent-by method": bytes of the last answer, "" until there is one
  #unacknowledged = new Map(); // "call-id number": what to do at the ACK

  /** `link`: a UdpLink or StreamLink. A child class has onRequest(request, reply) and may have onAck(request). */
  constructor(name, link) {
    Object.assign(this, { name, link });
  }

  async start() {
    await this.link.start((bytes, from) => this.#take(parseSip(bytes), from));
    return this;
  }

  stop() {
    this.stopped = true;
    return this.link.stop();
  }

  get place() {
    return this.link.place ?? `${this.link.address}:${this.link.port}`;
  }

  contact(user) {
    return `<sip:${user}@${this.place}${this.link.parameters}>`;
  }

  viaField = (branch) => `Via: SIP/2.0/${this.link.via} ${this.place};branch=${branch};rport`;

  #note(way, message) {
    this.output += `${(Date.now() % 1e6) / 1000} ${way} ${message.start} [${message.get("cseq")}] ${message.get("call-id")}\n`;
  }

  /** Runs a client transaction; compose(branch) gives the bytes. */
  ask(method, to, compose, { branch, onAny } = {}) {
    const client = new ClientTransaction(this, method, to, compose);
    if (branch) client.branch = branch;
    client.onAny = onAny;
    this.#clients.set(`${client.branch} ${method}`, client);
    this.output += `${(Date.now() % 1e6) / 1000} > ${method}\n`;
    client.run();
    return client;
  }

  #take(message, from) {
    this.#note("<", message);
    if (message.status > 0) return this.#clients.get(`${branchOf(message)} ${methodOf(message)}`)?.onResponse(message);
    message.from = from;
    message.number = numberOf(message);
    message.transaction = `${branchOf(message)} ${sentBy(message)}`;
    if (message.method === "ACK") return this.#onAck(message);
    const key = `${message.transaction} ${message.method}`;
    const said = this.#served.get(key);
    if (said) return this.link.send(from, said);
    if (said === "") return undefined;
    this.#served.set(key, "");
    return this.onRequest(message, (status, what) => this.#reply(message, key, status, what));
  }

  #onAck(ack) {
    const key = `${ack.get("call-id")} ${ack.number}`;
    const done = this.#unacknowledged.get(key);
    this.#unacknowledged.delete(key);
    done?.(ack);
    this.onAck?.(ack);
  }

  /** What a final answer to an INVITE gives is true once it was acknowledged, false after 32 s without. */
  async #reply(request, key, status, { tag = "", more = [], body = "" } = {}) {
    const bytes = composeSip(`SIP/2.0 ${status} As Played`, [...responseFields(request, tag), ...more], body);
    this.#served.set(key, bytes);
    this.#note(`> ${status}`, request);
    this.link.send(request.from, bytes);
    if (request.method !== "INVITE" || status < 200) return true;
    let acknowledged = false;
    const ofThis = `${request.get("call-id")} ${request.number}`;
    const heard = new Promise((resolve) => this.#unacknowledged.set(ofThis, resolve)).then(() => (acknowledged = true));
    const repeats = status < 300 || !this.link.isReliable;
    for (let wait = T1_MS, waited = 0; waited < TRANSACTION_MS; waited += wait, wait = Math.min(wait * 2, T2_MS)) {
      await Promise.race([heard, sleep(wait, undefined, { ref: false })]);
      if (acknowledged || this.stopped) return acknowledged;
      if (repeats) this.link.send(request.from, bytes);
    }
    return acknowledged;
  }
}
