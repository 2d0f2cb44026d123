// A proxy on loopback addresses of its own, a trunk or stranger that sends it bytes, a user who catches what is passed on, and
// a stand-in for the relay that hands every description back as it came.
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import tls from "node:tls";
import { BIN, makeCertificate } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { authParam, digestResponse } from "../e2e/lib/sip.mjs";
import { frame, handshake } from "../hostile/lib/websocket.mjs";
import { parseTortured } from "./tortured_message.mjs";

const random = { bytes: randomBytes };
const CATCHER = { name: "catcher", password: "caught" };
const OLD_PORT = 5050; // named by one message's Via

const DOMAINS = ["example.com", "example.net", "example.org", "company.com", "chair-dnrc.example.com", "registrar.example.com"];

/** Addresses of this run: 127.x.y.1 to 3. */
const host = (number) => `127.${100 + (process.pid % 100)}.${(process.pid >> 7) % 250}.${number}`;
const PROXY = host(1);
const SENDER = host(2);
const USER = host(3);

function configuration(directory) {
  const { key, certificate } = makeCertificate(directory, PROXY);
  const listen = (transport, port, more = "") => `[[listen]]\ntransport = "${transport}"\naddress = "${PROXY}:${port}"\n${more}\n`;
  return [`[proxy]\ndomains = ${JSON.stringify(DOMAINS)}\nsecret_file = "${directory}/secret"\nlog_level = "debug"\n`,
    listen("udp", 5060), listen("tcp", 5060), listen("wss", 8443, `certificate = "${certificate}"\nkey = "${key}"\npath = "/ws"\n`),
    `[relay]\ncontrol = ["${PROXY}:2223"]\n`, `[[user]]\nname = "${CATCHER.name}"\npassword = "${CATCHER.password}"\n`,
    `[[trunk]]\nname = "sender"\nhost = "${SENDER}"\nsources = ["${SENDER}"]\n[[trunk.inbound]]\npattern = "default"\nuser = "${CATCHER.name}"\n`,
    `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["sender"]\n`].join("\n");
}

/** Speaks enough of ng to answer `ping`, and every offer and answer with the description in it. */
function startRelay() {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, from) => {
    const text = bytes.toString("latin1");
    const cookie = text.slice(0, text.indexOf(" "));
    const sdp = text.match(/3:sdp(\d+):/);
    const description = sdp ? text.slice(sdp.index + sdp[0].length, sdp.index + sdp[0].length + Number(sdp[1])) : "";
    const body = sdp ? `d6:result2:ok3:sdp${description.length}:${description}e` : `d6:result${text.includes("4:ping") ? "4:pong" : "2:ok"}e`;
    socket.send(Buffer.from(`${cookie} ${body}`, "latin1"), from.port, from.address);
  });
  return new Promise((resolve) => socket.bind(2223, PROXY, () => resolve({ stop: () => socket.close() })));
}

/** Whole messages out of a stream, by Content-Length. */
function framer(take) {
  let pending = Buffer.alloc(0);
  return (data) => {
    pending = Buffer.concat([pending, data]);
    for (;;) {
      while (pending.length >= 2 && pending[0] === 13) pending = pending.subarray(2);
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      const size = end + 4 + Number(/^content-length\s*:\s*(\d+)/im.exec(pending.toString("latin1", 0, end))?.[1] ?? 0);
      if (pending.length < size) return;
      take(pending.subarray(0, size));
      pending = pending.subarray(size);
    }
  };
}

/** Payloads of a server's frames; pings are answered. */
function unframer(socket, take) {
  let pending = Buffer.alloc(0);
  let upgraded = false;
  return (data) => {
    pending = Buffer.concat([pending, data]);
    if (!upgraded) {
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      upgraded = true;
      pending = pending.subarray(end + 4);
      socket.emit("upgraded");
    }
    while (pending.length >= 2) {
      const short = pending[1] & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (pending.length < head) return;
      const size = short === 126 ? pending.readUInt16BE(2) : short === 127 ? Number(pending.readBigUInt64BE(2)) : short;
      if (pending.length < head + size) return;
      const opcode = pending[0] & 0x0f;
      const payload = Buffer.from(pending.subarray(head, head + size));
      pending = pending.subarray(head + size);
      if (opcode === 9) socket.write(frame(10, payload, random));
      if (opcode === 1 || opcode === 2) take(payload);
    }
  };
}

async function openUdp(address, port, take) {
  const socket = createSocket("udp4");
  socket.on("message", take);
  await new Promise((resolve, reject) => socket.once("error", reject).bind(port, address, resolve));
  return { send: (bytes) => socket.send(bytes, 5060, PROXY), close: () => socket.close() };
}

async function openTcp(address, take) {
  const socket = net.connect({ host: PROXY, port: 5060, localAddress: address });
  socket.on("data", framer(take)).on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return { send: (bytes) => socket.write(bytes), close: () => socket.destroy() };
}

async function openWss(address, take) {
  const socket = tls.connect({ host: PROXY, port: 8443, localAddress: address, rejectUnauthorized: false });
  socket.on("data", unframer(socket, take)).on("error", () => {});
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  socket.write(handshake("/ws", PROXY, random));
  await new Promise((resolve) => socket.once("upgraded", resolve));
  return { send: (bytes) => socket.write(frame(2, Buffer.from(bytes), random)), close: () => socket.destroy() };
}

const open = (kind, address, take) => (kind === "udp" ? openUdp(address, 5060, take) : kind === "tcp" ? openTcp(address, take) : openWss(address, take));

/** Who sends: each message over a connection of its own, where there are connections. */
class Sender {
  heard = [];
  #opened = [];
  #barriers = 0;

  constructor(kind) {
    this.kind = kind;
  }

  #take = (bytes) => {
    if (!/^call-id\s*:\s*barrier-/im.test(bytes.toString("latin1"))) this.heard.push(Buffer.from(bytes));
    else this.passed = parseTortured(bytes).get("call-id");
  };

  async start() {
    if (this.kind !== "udp") return;
    this.socket = await openUdp(SENDER, 5060, this.#take);
    this.#opened.push(this.socket, await openUdp(SENDER, OLD_PORT, this.#take));
  }

  async deliver(bytes) {
    if (this.kind !== "udp") this.#opened.push(this.socket = await open(this.kind, SENDER, this.#take));
    this.socket.send(bytes);
  }

  /** What was sent before has been dealt with when this is answered: the proxy takes one message after another. */
  async barrier() {
    const id = `barrier-${++this.#barriers}`;
    const request = ["OPTIONS sip:example.com SIP/2.0", `Via: SIP/2.0/${this.kind.toUpperCase()} ${SENDER};rport;branch=z9hG4bK${id}${randomBytes(4).toString("hex")}`,
      "From: <sip:b@example.com>;tag=b", "To: <sip:example.com>", `Call-ID: ${id}`, "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", ""].join("\r\n");
    const other = this.kind === "udp" ? this.socket : await open(this.kind, SENDER, this.#take);
    if (this.kind !== "udp") {
      this.#opened.push(other);
      await new Promise((resolve) => setTimeout(resolve, 20)); // the message before came over another connection
    }
    other.send(Buffer.from(request));
    await until(`${id} is answered`, () => this.passed === id, { every: 5 });
  }

  stop() {
    for (const one of this.#opened) one.close();
  }
}

/** The user that everything is for: registered over one way, and refusing all calls there. */
class Catcher {
  caught = [];
  #answers = [];

  constructor(kind) {
    this.kind = kind;
  }

  #take = (bytes) => {
    const message = parseTortured(bytes);
    if (message.status) return this.#answers.push(message);
    if (message.start.startsWith("ACK ")) return undefined;
    if (message.start.startsWith("INVITE ") && this.caught.some((one) => parseTortured(one).all("via")[0] === message.all("via")[0])) return undefined;
    this.caught.push(Buffer.from(bytes));
    const line = message.start.startsWith("INVITE ") ? "SIP/2.0 486 Busy Here" : "SIP/2.0 200 OK";
    const to = message.get("to");
    const reply = [line, ...message.all("via").map((via) => `Via: ${via}`), `From: ${message.get("from")}`, `To: ${to}${/;\s*tag\s*=/.test(to) ? "" : ";tag=caught"}`,
      `Call-ID: ${message.get("call-id")}`, `CSeq: ${message.get("cseq")}`, "Content-Length: 0", "", ""].join("\r\n");
    return this.way.send(Buffer.from(reply, "latin1"));
  };

  async start() {
    this.way = await open(this.kind, USER, this.#take);
    const challenge = await this.#register(1);
    const nonce = { realm: authParam(challenge, "realm"), nonce: authParam(challenge, "nonce"), nc: "00000001", cnonce: "c" };
    const response = digestResponse({ user: CATCHER.name, ...nonce, password: CATCHER.password, method: "REGISTER", uri: "sip:example.com" });
    await this.#register(2, [`Authorization: Digest username="${CATCHER.name}", realm="${nonce.realm}", nonce="${nonce.nonce}", uri="sip:example.com", `
      + `response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"`]);
  }

  /** The challenge for MD5, or nothing when it is accepted. */
  async #register(number, more = []) {
    const transport = this.kind === "wss" ? "ws" : this.kind;
    this.way.send(Buffer.from(["REGISTER sip:example.com SIP/2.0", `Via: SIP/2.0/${this.kind.toUpperCase()} ${USER};rport;branch=z9hG4bKr${number}${randomBytes(4).toString("hex")}`,
      `From: <sip:${CATCHER.name}@example.com>;tag=r`, `To: <sip:${CATCHER.name}@example.com>`, "Call-ID: registration", `CSeq: ${number} REGISTER`, "Max-Forwards: 70",
      `Contact: <sip:${CATCHER.name}@${USER};transport=${transport}>`, ...more, "Content-Length: 0", "", ""].join("\r\n")));
    const answer = await until("REGISTER is answered", () => this.#answers.shift(), { every: 5 });
    const expected = number === 1 ? 401 : 200;
    if (answer.status !== expected) throw new Error(`REGISTER was answered ${answer.start}`);
    return answer.all("www-authenticate").find((value) => /algorithm=MD5/i.test(value)) ?? answer.get("www-authenticate");
  }

  /** Waits until `done`, at most five seconds, and then for what nobody expects. */
  async settle(done) {
    await until("all that is expected has come", done, { timeout: 5000, every: 5 }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 15));
  }

  stop() {
    this.way?.close();
  }
}

async function startProxy(directory) {
  const file = join(directory, "proxy.toml");
  writeFileSync(file, configuration(directory));
  const proxy = new Program("causeway-proxy", spawn(join(BIN, "causeway-proxy"), ["--config", file]), { ending: "SIGINT" });
  await until("the proxy listens", () => new Promise((resolve) => {
    if (proxy.exited) throw new Error(`causeway-proxy exited (${proxy.code}):\n${proxy.output}`);
    const probe = net.connect({ host: PROXY, port: 5060 });
    probe.once("connect", () => resolve(probe.destroy() && true)).once("error", () => resolve(false));
  }));
  return proxy;
}

/** `from`: how the sender's bytes come, `to`: how the user is registered; each udp, tcp or wss. */
export async function onTortureScene({ from, to }, play) {
  const directory = mkdtempSync(join(tmpdir(), "torture-"));
  const started = [{ stop: () => rmSync(directory, { recursive: true }) }];
  const add = (one) => (started.push(one), one);
  try {
    add(await startRelay());
    const proxy = add(await startProxy(directory));
    const catcher = add(new Catcher(to));
    await catcher.start();
    const sender = add(new Sender(from));
    await sender.start();
    await play({ proxy, sender, catcher });
  } finally {
    for (const one of started.reverse()) await one.stop();
  }
}
