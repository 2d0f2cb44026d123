// What somebody on the wire hears who takes every RTP payload for PCMU: the melody, unless it is encrypted.
import assert from "node:assert/strict";
import { decodeUlaw } from "./g711.mjs";
import { MELODIES, requireMelody, requireNoMelody } from "./melody.mjs";
import { isRtp, payloadOf } from "./rtp.mjs";

const FRAME = 160; // octets of 20 ms
const FEWEST = 100; // packets that make a judgement worth something
const TAG = 10; // of HMAC_SHA1_80; the shorter suites are not what the peers here agree on

function rtpBetween(packets, source, destination) {
  const found = packets.filter((packet) => packet.source === source && packet.destination === destination && isRtp(packet.payload));
  assert.ok(found.length >= FEWEST, `only ${found.length} RTP packets from ${source} to ${destination}`);
  return found.map(({ payload }) => payload);
}

function listen(packets) {
  const octets = Buffer.concat(packets.map((packet) => payloadOf(packet).subarray(0, FRAME)));
  return { samples: decodeUlaw(octets), rate: 8000 };
}

/** Both voices between the hosts `edge` and `trunk`, as captured: in clear. */
export function requireClear(packets, edge, trunk) {
  requireMelody(listen(rtpBetween(packets, edge, trunk)), MELODIES.browser, { what: "the wire to the trunk" });
  requireMelody(listen(rtpBetween(packets, trunk, edge)), MELODIES.trunk, { what: "the wire from the trunk" });
}

/** The same as SRTP: PCMU by its header, but longer by the authentication tag, and noise to the ear. */
export function requireSrtp(packets, edge, trunk) {
  for (const [from, to, melody] of [[edge, trunk, MELODIES.browser], [trunk, edge, MELODIES.trunk]]) {
    const rtp = rtpBetween(packets, from, to);
    const what = `the wire from ${from} to ${to}`;
    assert.deepEqual([...new Set(rtp.map((packet) => packet[1] & 127))], [0], `payload types on ${what}`);
    assert.deepEqual([...new Set(rtp.map((packet) => payloadOf(packet).length))], [FRAME + TAG], `payload sizes on ${what}`);
    requireNoMelody(listen(rtp), melody, { what });
  }
}
