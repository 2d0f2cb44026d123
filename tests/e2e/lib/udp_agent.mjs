// Runs inside a host's namespace: UDP sockets driven by lines of JSON on stdin, what they receive on stdout.
import dgram from "node:dgram";
import { createInterface } from "node:readline";

const sockets = new Map();
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

function open({ id, address, port }) {
  const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (data, from) => say({ received: id, from: `${from.address} ${from.port}`, data: data.toString("base64") }));
  socket.on("error", (error) => say({ failed: id, error: error.message }));
  socket.bind(port, address, () => say({ opened: id, port: socket.address().port }));
  sockets.set(id, socket);
}

const commands = {
  open,
  send: ({ id, address, port, data }) => sockets.get(id).send(Buffer.from(data, "base64"), port, address),
  close: ({ id }) => sockets.get(id).close(),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { command, ...rest } = JSON.parse(line);
  commands[command](rest);
});
