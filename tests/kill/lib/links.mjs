// How a party's SIP messages travel: UDP datagrams, or connections (TCP, TLS, WebSocket) that are
// opened when they are needed.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { WEB_PORT } from "../../e2e/lib/causeway.mjs";
import { Program, until } from "../../e2e/lib/process.mjs";
import { UdpHost } from "../../e2e/lib/udp.mjs";

const AGENT = join(dirname(fileURLToPath(import.meta.url)), "stream_agent.mjs");
export const SIP_PORT = 5060;
let lastWeb = 0;

/**
 * A link has address, port, `via` (its name in a Via), `parameters` (of its URI), `towards` (the port of a service address
 * that it speaks to), and `place`: what stands in Via and Contact instead of address and port.
 */
export class UdpLink {
  isReliable = false;

  constructor(network, host, { port = SIP_PORT, address = network.address(host) } = {}) {
    Object.assign(this, { host: new UdpHost(network, host), address, port, via: "UDP", parameters: "", towards: SIP_PORT });
  }

  /** onMessage(bytes, from {address, port}) */
  async start(onMessage) {
    this.socket = await this.host.open({ address: this.address, port: this.port });
    this.socket.onDatagram = ({ from, data }) => {
      const [address, port] = from.split(":");
      onMessage(data, { address, port: Number(port) });
    };
  }

  send(to, bytes) {
    this.socket.send(to, Buffer.from(bytes));
  }

  stop() {
    return this.host.stop();
  }
}

const KINDS = {
  tcp: { via: "TCP", uri: ";transport=tcp", port: SIP_PORT, towards: SIP_PORT },
  tls: { via: "TLS", uri: ";transport=tls", port: SIP_PORT + 1, towards: SIP_PORT + 1 },
  wss: { via: "WSS", uri: ";transport=ws", towards: WEB_PORT },
};

/**
 * One connection to each place; what comes in is accepted, but for WebSockets, and answered over the connection it came by.
 * `kind`: one of KINDS; certificate: {key, certificate}, files, where TLS is accepted.
 */
export class StreamLink {
  isReliable = true;
  #connections = new Map(); // id: {place, input}
  #pending = "";

  constructor(network, host, kind, { certificate } = {}) {
    const { via, uri, port, towards } = KINDS[kind];
    const address = network.address(host);
    Object.assign(this, { name: `${via} on ${host}`, address, port, via, parameters: uri, towards, isWeb: kind === "wss" });
    if (this.isWeb) this.place = `${host}${++lastWeb}.invalid`; // RFC 7118: nobody can connect to a browser
    const job = JSON.stringify({ kind, address, port, ...certificate });
    this.child = network.spawn(host, process.execPath, [AGENT, job], { stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdout.on("data", (data) => this.#read(data));
    this.program = new Program(this.name, { once: this.child.once.bind(this.child), kill: this.child.kill.bind(this.child) });
  }

  async start(onMessage) {
    this.onMessage = onMessage;
    await until(`${this.name} is ready`, () => this.isReady);
  }

  #read(data) {
    this.#pending += data;
    const lines = this.#pending.split("\n");
    this.#pending = lines.pop();
    for (const line of lines) this.#take(JSON.parse(line));
  }

  #take({ event, id, place, data }) {
    if (event === "ready") this.isReady = true;
    else if (event === "opened") this.#connections.set(id, { place, input: Buffer.alloc(0) });
    else if (event === "closed") this.#onClosed(id);
    else this.#onBytes(this.#connections.get(id), id, Buffer.from(data, "base64"));
  }

  #onClosed(id) {
    const { place } = this.#connections.get(id);
    this.#connections.delete(id);
    if (place) this.onLost?.();
  }

  #onBytes(connection, id, bytes) {
    if (!connection) return;
    connection.input = Buffer.concat([connection.input, bytes]);
    for (;;) {
      while (connection.input[0] === 13 || connection.input[0] === 10) connection.input = connection.input.subarray(1); // pongs
      const head = connection.input.indexOf("\r\n\r\n");
      if (head < 0) return;
      const body = Number(connection.input.toString("latin1", 0, head).match(/^Content-Length: *(\d+)/im)?.[1] ?? 0);
      const end = head + 4 + body;
      if (connection.input.length < end) return;
      const message = connection.input.subarray(0, end);
      connection.input = connection.input.subarray(end);
      this.onMessage(message, { connection: id });
    }
  }

  /** `to`: {address, port}, or {connection} of a message that came in. */
  send(to, bytes) {
    this.child.stdin.write(`${JSON.stringify({ ...to, data: Buffer.from(bytes).toString("base64") })}\n`);
  }

  stop() {
    return this.program.stop();
  }
}
