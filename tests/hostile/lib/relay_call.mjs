// A call that the test itself sets up over ng, between two plain or SRTP phones of its own.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { NG_PORT } from "../../e2e/lib/causeway.mjs";
import { runNode, spawnNode } from "./hostile_scene.mjs";

const FLAGS = "trust-address replace-origin replace-session-connection ICE=remove DTLS=off";
const SUITE = "AES_CM_128_HMAC_SHA1_80";
const KEY_BYTES = 30;
const LONGEST_GAP_MS = 200;
const FRAME_MS = 20;

export function ask(network, host, request) {
  const reply = JSON.parse(runNode(network, host, "ng.mjs", "127.0.0.1", String(NG_PORT), JSON.stringify(request)));
  assert.ok(reply.result === "ok" || reply.result === "pong", `${request.command}: ${JSON.stringify(reply)}`);
  return reply;
}

const sdp = (address, port, protocol, crypto) => [
  "v=0", `o=- 1 1 IN IP4 ${address}`, "s=-", `c=IN IP4 ${address}`, "t=0 0", `m=audio ${port} ${protocol} 0`, ...(crypto ? [`a=crypto:${crypto}`] : []), "",
].join("\r\n");

function read(description) {
  const port = Number(description.match(/^m=audio (\d+) /m)?.[1]);
  assert.ok(port > 0, `the relay gave no port:\n${description}`);
  const [, tag, key] = description.match(new RegExp(`^a=crypto:(\\d+) ${SUITE} inline:([^\\s|]+)`, "m")) ?? [];
  return { port, tag, key };
}

export class RelayCall {
  /** `srtp`: the right phone speaks SRTP with SDES keys. */
  static place(scene, { id, port, srtp = false }) {
    return new RelayCall(scene, id, port, srtp);
  }

  constructor(scene, id, port, srtp) {
    const { network } = scene;
    this.id = id;
    const relay = network.address("edge");
    const party = { "call-id": id, "from-tag": "left" };
    const offered = read(ask(network, "edge", {
      command: "offer", ...party, sdp: sdp(network.address("left"), port, "RTP/AVP"),
      "rtpp-flags": `${FLAGS} ${srtp ? `RTP/SAVP SDES-only-${SUITE}` : "RTP/AVP"}`,
    }).sdp);
    const own = randomBytes(KEY_BYTES).toString("base64");
    const answered = read(ask(network, "edge", {
      command: "answer", ...party, "to-tag": "right", "rtpp-flags": `${FLAGS} RTP/AVP`,
      sdp: sdp(network.address("right"), port, srtp ? "RTP/SAVP" : "RTP/AVP", srtp && `${offered.tag} ${SUITE} inline:${own}`),
    }).sdp);
    this.ports = [answered.port, answered.port + 1, offered.port, offered.port + 1];
    this.ssrcs = [0x1000 + port, 0x2000 + port];
    const phone = (host, to, name, peer, ssrc, keys) =>
      scene.add(spawnNode(network, host, "rtp_phone.mjs", { port, to: { address: relay, port: to }, name, peer, ssrc, keys }));
    this.left = phone("left", answered.port, 1, 2, this.ssrcs[0]);
    this.right = phone("right", offered.port, 2, 1, this.ssrcs[1], srtp ? { send: own, receive: offered.key } : undefined);
  }

  /** Ends both phones and requires that each has heard the other, and nothing else, without a gap. */
  async requireAudio(atLeastSeconds) {
    for (const phone of [this.left, this.right]) phone.child.kill("SIGTERM");
    for (const phone of [this.left, this.right]) {
      const heard = await phone.result();
      const what = `${this.id}, ${phone.name}: ${JSON.stringify(heard)}`;
      assert.ok(heard.received >= (atLeastSeconds * 1000) / FRAME_MS * 0.95, `too little audio in ${what}`);
      assert.equal(heard.wrong, 0, `foreign packets in ${what}`);
      assert.ok(heard.longestLoss * FRAME_MS <= LONGEST_GAP_MS, `a gap in ${what}`);
      assert.ok(heard.worstDelayMs <= LONGEST_GAP_MS, `late packets in ${what}`);
      assert.ok(heard.silentForMs >= 0 && heard.silentForMs <= LONGEST_GAP_MS, `silence at the end of ${what}`);
      assert.ok(heard.lost <= heard.received / 100, `lost packets in ${what}`);
    }
  }
}
