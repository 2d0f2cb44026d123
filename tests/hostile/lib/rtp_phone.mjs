// One party of a call, run inside a namespace: `node rtp_phone.mjs JOB` sends 50 recognisable packets a second and checks
// what it hears. JOB is JSON: {"port", "to": {"address", "port"}, "name", "peer", "ssrc", "keys": {"send", "receive"}};
// keys (base64) mean SRTP. SIGTERM ends it; then it prints what it heard as JSON.
import { createSocket } from "node:dgram";
import { Srtp } from "./srtp.mjs";

const FRAME_MS = 20;
const SAMPLES = 160;
const FIRST_SEQUENCE = 65_000; // it wraps around on the way
const STALL_TICK_MS = 10;
const LATE_MS = 150;
const MOST_LATE = 2000;

const job = JSON.parse(process.argv[2]);
const outbound = job.keys && new Srtp(Buffer.from(job.keys.send, "base64"));
const inbound = job.keys && new Srtp(Buffer.from(job.keys.receive, "base64"));
const heard = { received: 0, sent: 0, lost: 0, longestLoss: 0, worstDelayMs: 0, late: [], wrong: 0, wrongSamples: [], duplicates: 0, silentForMs: -1 };

const nowNs = () => process.hrtime.bigint(); // one clock for all processes of a machine

/** name, counter, time of sending, and bytes that follow from these. */
function fill(payload, name, counter) {
  payload[0] = name;
  payload.writeUInt32BE(counter, 1);
  for (let i = 13; i < SAMPLES; ++i) payload[i] = (counter * 7 + i * 13 + name) & 0xff;
}

function packetOf(counter) {
  const packet = Buffer.alloc(12 + SAMPLES);
  packet[0] = 0x80;
  packet.writeUInt16BE((FIRST_SEQUENCE + counter) & 0xffff, 2);
  packet.writeUInt32BE((counter * SAMPLES) >>> 0, 4);
  packet.writeUInt32BE(job.ssrc, 8);
  fill(packet.subarray(12), job.name, counter);
  packet.writeBigUInt64BE(nowNs(), 12 + 5);
  return outbound ? outbound.protect(packet) : packet;
}

/** {counter, sentAt} of a packet that the peer sent, unchanged; undefined: anything else. */
function read(bytes) {
  const packet = inbound ? inbound.unprotect(bytes) : bytes;
  if (packet === undefined || packet.length !== 12 + SAMPLES || packet[0] !== 0x80 || (packet[1] & 0x7f) !== 0) return undefined;
  const payload = packet.subarray(12);
  const counter = payload.readUInt32BE(1);
  const expected = Buffer.from(payload);
  fill(expected, job.peer, counter);
  return expected.equals(payload) ? { counter, sentAt: payload.readBigUInt64BE(5) } : undefined;
}

const socket = createSocket("udp4");
let next; // counter expected
let lastHeard;
let stalledMs = 0; // how late this process itself is

socket.on("message", (bytes) => {
  const packet = read(bytes);
  if (packet === undefined) {
    ++heard.wrong;
    if (heard.wrongSamples.length < 5) heard.wrongSamples.push(bytes.subarray(0, 40).toString("hex"));
    return;
  }
  if (next !== undefined && packet.counter < next) {
    ++heard.duplicates;
    return;
  }
  const missing = packet.counter - (next ?? packet.counter);
  next = packet.counter + 1;
  ++heard.received;
  heard.lost += missing;
  heard.longestLoss = Math.max(heard.longestLoss, missing);
  lastHeard = nowNs();
  const delay = Number(lastHeard - packet.sentAt) / 1e6 - Math.max(stalledMs, lateNow());
  heard.worstDelayMs = Math.max(heard.worstDelayMs, Math.round(delay));
  if (delay > LATE_MS && heard.late.length < MOST_LATE) heard.late.push({ at: Number(lastHeard) / 1e6, delay: Math.round(delay) });
});

let lastTick = performance.now();
const lateNow = () => Math.max(0, performance.now() - lastTick - STALL_TICK_MS);
setInterval(() => {
  stalledMs = lateNow();
  lastTick = performance.now();
}, STALL_TICK_MS);

socket.bind(job.port, () => {
  const start = performance.now();
  const speak = setInterval(() => {
    for (; heard.sent * FRAME_MS <= performance.now() - start; ++heard.sent) socket.send(packetOf(heard.sent), job.to.port, job.to.address, () => {});
  }, FRAME_MS / 2);
  process.once("SIGTERM", () => {
    clearInterval(speak);
    if (lastHeard !== undefined) heard.silentForMs = Math.round(Number(nowNs() - lastHeard) / 1e6 - lateNow());
    console.log(JSON.stringify(heard));
    process.exit(0);
  });
});
