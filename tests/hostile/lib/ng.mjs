// The ng protocol's bencode, and a request from the command line: `node ng.mjs ADDRESS PORT JSON` prints the reply's JSON.
import { createSocket } from "node:dgram";
import { fileURLToPath } from "node:url";

const REPEATS_MS = [0, 300, 900, 2100, 4500];

export function bencode(value) {
  if (typeof value === "number") return `i${value}e`;
  if (typeof value === "string") return `${Buffer.byteLength(value)}:${value}`;
  if (Array.isArray(value)) return `l${value.map(bencode).join("")}e`;
  return `d${Object.keys(value).sort().map((key) => bencode(key) + bencode(value[key])).join("")}e`;
}

async function ask(address, port, request) {
  const socket = createSocket("udp4");
  const cookie = `ask_${process.pid}`;
  const message = `${cookie} ${JSON.stringify(request)}`;
  const timers = REPEATS_MS.map((after) => setTimeout(() => socket.send(message, port, address), after));
  const late = setTimeout(() => {
    console.error(`no reply from ${address}:${port}`);
    process.exit(1);
  }, 8000);
  for await (const data of replies(socket)) {
    if (!data.startsWith(`${cookie} `)) continue;
    timers.forEach(clearTimeout);
    clearTimeout(late);
    socket.close();
    return data.slice(cookie.length + 1);
  }
}

async function* replies(socket) {
  for (;;) yield await new Promise((resolve) => socket.once("message", (data) => resolve(data.toString("utf8"))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [address, port, request] = process.argv.slice(2);
  console.log(await ask(address, Number(port), JSON.parse(request)));
}
