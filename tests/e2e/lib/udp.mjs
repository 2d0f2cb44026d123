// Bare UDP sockets on a host of the test network, and the ng protocol over one of them.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NG_PORT } from "./causeway.mjs";
import { Program, until } from "./process.mjs";

const AGENT = join(dirname(fileURLToPath(import.meta.url)), "udp_agent.mjs");

/** Every UDP socket of one host. */
export class UdpHost {
  #sockets = new Map();
  #pending = "";
  #last = 0;

  constructor(network, host) {
    this.network = network;
    this.host = host;
    this.child = network.spawn(host, process.execPath, [AGENT], { stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdout.on("data", (data) => this.#read(data));
    this.process = new Program(`sockets on ${host}`, { once: this.child.once.bind(this.child), kill: this.child.kill.bind(this.child) });
  }

  #read(data) {
    this.#pending += data;
    const lines = this.#pending.split("\n");
    this.#pending = lines.pop();
    for (const line of lines) this.#take(JSON.parse(line));
  }

  #take(message) {
    const socket = this.#sockets.get(message.opened ?? message.received ?? message.failed);
    if (message.failed) socket.error = message.error;
    else if (message.opened) socket.port = message.port;
    else socket.take({ from: message.from.replace(" ", ":"), data: Buffer.from(message.data, "base64") });
  }

  tell(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async open({ address = this.network.address(this.host), port = 0 } = {}) {
    const socket = new UdpSocket(this, ++this.#last, address);
    this.#sockets.set(socket.id, socket);
    this.tell({ command: "open", id: socket.id, address, port });
    await until(`${this.host} opens a socket on ${address}`, () => {
      if (socket.error) throw new Error(`${this.host} cannot open ${address}:${port}: ${socket.error}`);
      return socket.port;
    });
    return socket;
  }

  stop() {
    return this.process.stop();
  }
}

export class UdpSocket {
  received = [];

  constructor(owner, id, address) {
    this.owner = owner;
    this.id = id;
    this.address = address;
  }

  take(datagram) {
    this.received.push(datagram);
    this.onDatagram?.(datagram);
  }

  send({ address, port }, data) {
    this.owner.tell({ command: "send", id: this.id, address, port, data: data.toString("base64") });
  }
}

/** Drives a relay as a proxy would: JSON requests with a cookie, sent again until there is a reply. */
export class NgClient {
  #replies = new Map();
  #last = 0;

  constructor(socket, { address = "127.0.0.1", port = NG_PORT } = {}) {
    this.socket = socket;
    this.to = { address, port };
    socket.onDatagram = ({ data }) => {
      const space = data.indexOf(32);
      this.#replies.set(data.toString("utf8", 0, space), JSON.parse(data.toString("utf8", space + 1)));
    };
  }

  static async open(host) {
    return new NgClient(await host.open({ address: "127.0.0.1" }));
  }

  async request(command, body = {}) {
    const cookie = `${process.pid}_${++this.#last}`;
    const bytes = Buffer.from(`${cookie} ${JSON.stringify({ command, ...body })}`);
    let next = 0;
    return until(`the relay answers ${command}`, () => {
      if (Date.now() >= next) {
        this.socket.send(this.to, bytes);
        next = Date.now() + 500;
      }
      return this.#replies.get(cookie);
    }, { every: 10 });
  }

  /** The same, and it must succeed. */
  async ask(command, body) {
    const reply = await this.request(command, body);
    if (reply.result !== "ok" && reply.result !== "pong") throw new Error(`${command} failed: ${JSON.stringify(reply)}`);
    return reply;
  }
}
