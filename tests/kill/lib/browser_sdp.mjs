// What a browser offers, without a browser behind it: enough for the signalling of many calls, no media will come.
import { randomBytes } from "node:crypto";

const FINGERPRINT = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, "0").toUpperCase()).join(":");

export const browserSdp = () => [
  "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
  `a=ice-ufrag:${randomBytes(3).toString("hex")}`, `a=ice-pwd:${randomBytes(12).toString("hex")}`,
  `a=fingerprint:sha-256 ${FINGERPRINT}`, "a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux",
  "a=rtpmap:111 opus/48000/2", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "",
].join("\r\n");
