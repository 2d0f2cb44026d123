// Runs inside a host's namespace: `node stream_agent.mjs JOB` opens a connection to each place that a line of JSON on stdin
// ({"address", "port", "data"}, or {"connection", "data"}) names, and tells on stdout what they bring. JOB is JSON: {"kind":
// "tcp", "tls" or "wss", "address", "port", "key", "certificate"}; with a port it accepts connections there too.
import { readFileSync } from "node:fs";
import net from "node:net";
import { createInterface } from "node:readline";
import tls from "node:tls";
import { frame, handshake } from "../../hostile/lib/websocket.mjs";
import { Random } from "../../hostile/lib/random.mjs";

const PING_MS = 1000;
const TEXT = 1;
const PING = 9;
const PONG = 10;
const job = JSON.parse(process.argv[2]);
const random = new Random(process.pid);
const connections = new Map(); // by number: {write(data), ping()}
const places = new Map(); // "address:port" to number
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
let last = 0;

/** Whole messages out of a server's frames; pings are answered. */
function readFrames(socket, onMessage) {
  let input = Buffer.alloc(0);
  let isOpen = false;
  return (data) => {
    input = Buffer.concat([input, data]);
    if (!isOpen) {
      const head = input.indexOf("\r\n\r\n");
      if (head < 0) return;
      isOpen = true;
      input = input.subarray(head + 4);
    }
    for (;;) {
      if (input.length < 2) return;
      const short = input[1] & 127;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (input.length < start) return;
      const length = short === 126 ? input.readUInt16BE(2) : short === 127 ? Number(input.readBigUInt64BE(2)) : short;
      if (input.length < start + length) return;
      const payload = Buffer.from(input.subarray(start, start + length));
      const opcode = input[0] & 15;
      input = input.subarray(start + length);
      if (opcode === PING) socket.write(frame(PONG, payload, random));
      else if (opcode === TEXT) onMessage(payload);
    }
  };
}

function adopt(socket, place) {
  const id = ++last;
  const isWeb = job.kind === "wss";
  connections.set(id, {
    write: (data) => socket.write(isWeb ? frame(TEXT, data, random) : data),
    ping: () => socket.write(isWeb ? frame(PING, Buffer.alloc(0), random) : "\r\n\r\n"), // RFC 5626 §4.4.1
  });
  if (place) places.set(place, id);
  say({ event: "opened", id, place });
  const tell = (data) => say({ event: "data", id, data: data.toString("base64") });
  socket.on("data", isWeb ? readFrames(socket, tell) : tell);
  socket.on("error", () => {}); // a close follows
  socket.on("close", () => {
    connections.delete(id);
    if (places.get(place) === id) places.delete(place);
    say({ event: "closed", id });
  });
  return id;
}

function open({ address, port }) {
  const where = { host: address, port, localAddress: job.address };
  const socket = job.kind === "tcp" ? net.connect(where) : tls.connect({ ...where, rejectUnauthorized: false });
  if (job.kind === "wss") socket.write(handshake("/ws", `${address}:${port}`, random));
  return adopt(socket, `${address}:${port}`);
}

const connectionTo = (to) => to.connection ?? places.get(`${to.address}:${to.port}`) ?? open(to);

/** Who is sent a ping and is not there any more makes the connection fail. */
setInterval(() => [...places.values()].forEach((id) => connections.get(id)?.ping()), PING_MS);

const ready = () => say({ event: "ready" });
const accept = (socket) => adopt(socket);
if (!job.port) ready();
else if (job.kind === "tcp") net.createServer(accept).listen(job.port, job.address, ready);
else tls.createServer({ key: readFileSync(job.key), cert: readFileSync(job.certificate) }, accept).listen(job.port, job.address, ready);

createInterface({ input: process.stdin }).on("line", (line) => {
  const { data, ...to } = JSON.parse(line);
  connections.get(connectionTo(to))?.write(Buffer.from(data, "base64"));
});
