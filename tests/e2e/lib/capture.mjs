// Packets as they pass a host's eth0, and the telephone events (RFC 4733) among them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Program } from "./process.mjs";
import { parseSip } from "./sip.mjs";

const DIGITS = "0123456789*#ABCD";
const ETHERNET = 14;

export async function startCapture(network, host, directory, filter = "udp") {
  const file = join(directory, `${host}.pcap`);
  const program = new Program("tcpdump", network.spawn(host, "tcpdump", ["-i", "eth0", "-w", file, "--immediate-mode", "-U", "-q", filter]));
  await program.says("listening on");
  program.packets = () => readPcap(file);
  return program;
}

/** UDP over IPv4 of a capture: [{source, destination, port, payload}]. */
function readPcap(file) {
  const data = readFileSync(file);
  const packets = [];
  for (let at = 24; at + 16 <= data.length;) {
    const length = data.readUInt32LE(at + 8);
    const frame = data.subarray(at + 16, at + 16 + length);
    at += 16 + length;
    if (frame.length < ETHERNET + 28 || frame.readUInt16BE(12) !== 0x0800 || frame[ETHERNET + 9] !== 17) continue;
    const header = (frame[ETHERNET] & 15) * 4;
    const udp = ETHERNET + header;
    packets.push({
      source: Array.from(frame.subarray(ETHERNET + 12, ETHERNET + 16)).join("."),
      destination: Array.from(frame.subarray(ETHERNET + 16, ETHERNET + 20)).join("."),
      port: frame.readUInt16BE(udp + 2),
      payload: frame.subarray(udp + 8),
    });
  }
  return packets;
}

/** Every SDP that `source` sent in SIP over UDP, in INVITEs and their final answers, repeats among them. */
export const sdpsFrom = (packets, source) =>
  packets.filter((packet) => packet.source === source)
    .filter(({ payload }) => /^(INVITE |SIP\/2\.0 2)/.test(payload.toString("latin1", 0, 12)))
    .map(({ payload }) => parseSip(payload).body)
    .filter((body) => body.startsWith("v=0"));

/** One entry an event, in the order of their first packets: {digit, duration, ended, timestamp}. */
export function telephoneEvents(packets, { to, payloadTypes = [96, 101, 97, 126, 110] }) {
  const events = new Map();
  for (const { destination, payload } of packets) {
    if (destination !== to || payload.length !== 16 || payload[0] >> 6 !== 2) continue;
    if (!payloadTypes.includes(payload[1] & 127)) continue;
    const timestamp = payload.readUInt32BE(4);
    const event = events.get(timestamp) ?? { digit: DIGITS[payload[12]], timestamp, duration: 0, ended: false };
    event.ended ||= Boolean(payload[13] & 128);
    event.duration = Math.max(event.duration, payload.readUInt16BE(14));
    events.set(timestamp, event);
  }
  return [...events.values()];
}
