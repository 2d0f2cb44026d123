// Opportunistic SRTP with a trunk, RFC 8643: keys stand under RTP/AVP, and the trunk takes them or leaves them. Both
// trunks are baresip, which answers as its account says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onBridge, talkIncoming, talkWatched } from "./lib/bridge_scene.mjs";
import { sdpsFrom } from "./lib/capture.mjs";
import { requireClear, requireSrtp } from "./lib/eavesdropper.mjs";

const LIMIT = { timeout: 90_000 };
const TRUNK = `codecs = ["PCMU", "PCMA"]\nsrtp = "sdes-preferred"\nallow_sdes_without_tls = true`;
const TAKES_KEYS = ";mediaenc=srtp";

/** Every SDP of `source` is plain RTP by its profile, with keys or without. */
function requirePlainProfile(packets, source, { keys }) {
  const sdps = sdpsFrom(packets, source);
  assert.ok(sdps.length > 0, `${source} has described its media`);
  for (const sdp of sdps) {
    assert.match(sdp, /^m=audio \d+ RTP\/AVP /m);
    (keys ? assert.match : assert.doesNotMatch)(sdp, /^a=crypto:\d+ \S+ inline:/m, `keys of ${source}`);
  }
}

/** Under RTP/AVP both sides name keys, and what they send is encrypted. */
function requireTaken(packets, edge, trunk) {
  for (const source of [edge, trunk]) requirePlainProfile(packets, source, { keys: true });
  requireSrtp(packets, edge, trunk);
}

/** The edge has offered keys, the trunk has named none, and both voices are in clear. */
function requireLeft(packets, edge, trunk) {
  requirePlainProfile(packets, edge, { keys: true });
  requirePlainProfile(packets, trunk, { keys: false });
  requireClear(packets, edge, trunk);
}

test("a trunk that takes the keys offered under RTP/AVP is heard both ways, and by nobody on the wire", LIMIT, () =>
  onBridge({ trunk: TRUNK, account: TAKES_KEYS }, talkWatched(requireTaken)));

test("a trunk that leaves them aside is heard both ways over plain RTP", LIMIT, () =>
  onBridge({ trunk: TRUNK }, talkWatched(requireLeft)));

test("keys that a trunk offers under RTP/AVP when it calls are taken", LIMIT, () =>
  onBridge({ trunk: TRUNK, account: TAKES_KEYS }, talkWatched(requireTaken, talkIncoming)));
