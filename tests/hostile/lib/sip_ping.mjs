// OPTIONS over one transport, run inside a namespace: `node sip_ping.mjs TRANSPORT ADDRESS PORT [PATH]` prints the status
// line of the answer.
import { createSocket } from "node:dgram";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { frame, handshake } from "./websocket.mjs";
import { Random } from "./random.mjs";

const [transport, address, port, path = "/ws"] = process.argv.slice(2);
const random = new Random(process.pid);
const options = Buffer.from([
  `OPTIONS sip:${address} SIP/2.0`,
  `Via: SIP/2.0/${transport.toUpperCase()} 192.0.2.1;branch=z9hG4bKping${process.pid};rport`,
  "Max-Forwards: 70",
  "From: <sip:ping@example.org>;tag=ping",
  `To: <sip:${address}>`,
  `Call-ID: ping-${process.pid}`,
  "CSeq: 1 OPTIONS",
  "Content-Length: 0",
  "",
  "",
].join("\r\n"));

setTimeout(() => {
  console.error(`no answer over ${transport}`);
  process.exit(1);
}, 8000);

function onBytes(bytes) {
  const status = bytes.toString("latin1").match(/SIP\/2\.0 [^\r]*/)?.[0];
  if (status === undefined) return;
  console.log(status);
  process.exit(0);
}

if (transport === "udp") {
  const socket = createSocket("udp4");
  socket.on("message", onBytes);
  socket.send(options, Number(port), address);
} else {
  const secure = transport === "tls" || transport === "wss";
  const target = { host: address, port: Number(port) };
  const socket = secure ? connectTls({ ...target, rejectUnauthorized: false }) : connectTcp(target);
  const web = transport === "ws" || transport === "wss";
  socket.on(secure ? "secureConnect" : "connect", () => socket.write(web ? Buffer.concat([handshake(path, address, random), frame(1, options, random)]) : options));
  socket.on("data", onBytes);
}
