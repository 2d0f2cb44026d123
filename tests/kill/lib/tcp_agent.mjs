// Runs inside a host's namespace: `node tcp_agent.mjs ADDRESS PORT` accepts connections there, and opens one to each
// place that a line of JSON on stdin ({"address", "port", "data"}, or {"connection", "data"}) names. Tells on stdout.
import net from "node:net";
import { createInterface } from "node:readline";

const PING_MS = 1000;
const [address, port] = process.argv.slice(2);
const sockets = new Map(); // by number
const places = new Map(); // "address:port" to number
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
let last = 0;

function adopt(socket, place) {
  const id = ++last;
  sockets.set(id, socket);
  if (place) places.set(place, id);
  say({ event: "opened", id, place });
  socket.on("data", (data) => say({ event: "data", id, data: data.toString("base64") }));
  socket.on("error", () => {}); // a close follows
  socket.on("close", () => {
    sockets.delete(id);
    if (places.get(place) === id) places.delete(place);
    say({ event: "closed", id });
  });
  return id;
}

function connectionTo(to) {
  if (to.connection) return to.connection;
  const place = `${to.address}:${to.port}`;
  return places.get(place) ?? adopt(net.connect({ host: to.address, port: to.port, localAddress: address }), place);
}

/** A ping, RFC 5626 §4.4.1: who is sent one and is not there any more makes the connection fail. */
setInterval(() => [...places.values()].forEach((id) => sockets.get(id)?.write("\r\n\r\n")), PING_MS);

net.createServer((socket) => adopt(socket)).listen(Number(port), address, () => say({ event: "listening" }));
createInterface({ input: process.stdin }).on("line", (line) => {
  const { data, ...to } = JSON.parse(line);
  sockets.get(connectionTo(to))?.write(Buffer.from(data, "base64"));
});
