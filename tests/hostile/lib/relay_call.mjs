// A call that the test itself sets up over ng, between two phones of its own: plain, or one of them with SDES or with ICE
// and DTLS.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { BIN, NG_PORT } from "../../e2e/lib/causeway.mjs";
import { Program } from "../../e2e/lib/process.mjs";
import { requireAlive, runNode } from "./hostile_scene.mjs";
import { Phones } from "./phones.mjs";
import { Starvation } from "./starvation.mjs";

const COMMON = "trust-address replace-origin replace-session-connection";
const FLAGS = `${COMMON} ICE=remove DTLS=off`;
const TOWARDS_BROWSER = `${COMMON} rtcp-mux-offer generate-mid DTLS=passive SDES-off ICE=force UDP/TLS/RTP/SAVPF`;
const SUITE = "AES_CM_128_HMAC_SHA1_80";
const KEY_BYTES = 30;

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

/** `srtp`: the right phone speaks SRTP with SDES keys. Gives the phones, the relay's ports and the streams' SSRCs. */
export function placeCall(scene, { id, port, srtp = false }) {
  const { network } = scene;
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
  const ssrcs = [0x1000 + port, 0x2000 + port];
  const to = (relayPort) => ({ address: network.address("edge"), port: relayPort });
  const phones = new Phones(scene, id, [
    { host: "left", port, to: to(answered.port) },
    { host: "right", port, to: to(offered.port), keys: srtp ? { send: own, receive: offered.key } : undefined },
  ], ssrcs);
  return { phones, ssrcs, ports: [answered.port, answered.port + 1, offered.port, offered.port + 1] };
}

/** The same, but the left phone speaks through an end of the call with ICE and DTLS, which takes ports + 1 and + 2. */
export async function placeSealedCall(scene, { id, port }) {
  const { network, add } = scene;
  const [media, phone] = [`${network.address("left")}:${port + 1}`, `127.0.0.1:${port + 2}`];
  const end = add(new Program("sealed_end", network.spawn("left", join(BIN, "sealed_end"), [media, phone])));
  await end.says(/^offered$/m);
  const party = { "call-id": id, "from-tag": "left" };
  const offered = read(ask(network, "edge", {
    command: "offer", ...party, sdp: end.output.slice(0, end.output.indexOf("offered\n")), "rtpp-flags": `${FLAGS} rtcp-mux-demux SDES-off RTP/AVP`,
  }).sdp);
  const answer = ask(network, "edge", {
    command: "answer", ...party, "to-tag": "right", "rtpp-flags": TOWARDS_BROWSER, sdp: sdp(network.address("right"), port, "RTP/AVP"),
  }).sdp;
  end.child.stdin.end(answer);
  await end.says(/^ready$/m);
  const ssrcs = [0x1000 + port, 0x2000 + port];
  const phones = new Phones(scene, id, [
    { host: "left", port, to: { address: "127.0.0.1", port: port + 2 } },
    { host: "right", port, to: { address: network.address("edge"), port: offered.port } },
  ], ssrcs);
  const own = add(new Starvation(end.child.pid));
  return {
    phones: {
      async requireAudio(seconds, starvation) {
        requireAlive(end);
        await phones.requireAudio(seconds, { between: (from, to) => starvation.between(from, to) + own.between(from, to) });
      },
    },
    ssrcs,
    ports: [read(answer).port, offered.port, offered.port + 1],
  };
}
