// Valid ng messages to start from: both encodings, every command, calls of its own (`hostile-…`), media addresses that
// belong to nobody.
import { bencode } from "./ng.mjs";

const CALLS = 40;
const SIP_FLAGS = "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP";
const BROWSER_FLAGS = "trust-address replace-origin replace-session-connection rtcp-mux-offer generate-mid DTLS=passive SDES-off ICE=force UDP/TLS/RTP/SAVPF";

const lines = (...text) => text.join("\r\n") + "\r\n";

export const trunkSdp = lines("v=0", "o=- 1 1 IN IP4 192.0.2.5", "s=-", "c=IN IP4 192.0.2.5", "t=0 0", "m=audio 7000 RTP/AVP 0 8 101",
  "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20");
export const sdesSdp = lines("v=0", "o=- 1 1 IN IP6 2001:db8::5", "s=-", "c=IN IP6 2001:db8::5", "t=0 0", "m=audio 7000 RTP/SAVP 0",
  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20", "a=sendonly");
export const browserSdp = lines("v=0", "o=- 4611 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=audio 51000 UDP/TLS/RTP/SAVPF 111 0 110 126",
  "c=IN IP4 192.0.2.4", "a=rtcp:9 IN IP4 0.0.0.0", "a=candidate:1 1 udp 2113937151 192.0.2.4 51000 typ host generation 0", "a=ice-ufrag:abcd",
  "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa", "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F",
  "a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:110 telephone-event/48000", "a=rtpmap:126 telephone-event/8000");

function requestsOf(call) {
  const party = { "call-id": `hostile-${call}`, "from-tag": `f${call}` };
  const both = { ...party, "to-tag": `t${call}` };
  return [
    { command: "ping" },
    { command: "offer", ...party, sdp: trunkSdp, "rtpp-flags": BROWSER_FLAGS },
    { command: "offer", ...party, sdp: browserSdp, "rtpp-flags": `${SIP_FLAGS} codec-mask-opus transcode-PCMU`, supports: ["load limit"] },
    { command: "offer", ...party, sdp: sdesSdp, "transport-protocol": "RTP/AVP", ICE: "remove", replace: ["origin"], "via-branch": "z9hG4bKx" },
    { command: "answer", ...both, sdp: trunkSdp, "rtpp-flags": BROWSER_FLAGS },
    { command: "answer", ...both, sdp: browserSdp.replace("actpass", "active"), "rtpp-flags": SIP_FLAGS, "received-from": ["IP4", "192.0.2.7"] },
    { command: "delete", ...party, flags: ["fatal"], "delete-delay": 1 },
    { command: "delete", ...both },
    { command: "query", "call-id": party["call-id"] },
    { command: "list", limit: 5 },
    { command: "statistics" },
  ];
}

export function ngSamples() {
  const samples = [];
  for (let call = 0; call < CALLS; ++call) {
    requestsOf(call).forEach((request, index) => {
      const encoded = (call + index) % 3 === 0 ? JSON.stringify(request) : bencode(request);
      samples.push(Buffer.from(`${call}_${index} ${encoded}`, "latin1"));
    });
  }
  return samples;
}

export const httpSamples = () => ["/healthz", "/readyz", "/metrics", "/calls?limit=1", "/%2e%2e/%00"].map((path) =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: 3\r\n\r\nabc`));
