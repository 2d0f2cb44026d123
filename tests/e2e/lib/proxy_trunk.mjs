// A trunk behind a proxy that wants a password for every request but ACK and CANCEL (407, RFC 3261 §22.3), and that
// echoes what it hears. SIPp verifies Authorization alone, hence this one of our own.
import { authParam, composeSip, isProven, parseSip, responseFields } from "./sip.mjs";
import { UdpHost } from "./udp.mjs";

const SIP_PORT = 5060;
const MEDIA_PORT = 6000;
const REALM = "carrier.example";

export class ProxyTrunk {
  output = "";
  /** What it said, once a transaction: "INVITE 407". */
  answers = [];
  /** CSeq numbers: of answered requests, in the order of `answers`, and of ACKs. */
  numbers = [];
  acknowledged = [];
  #seen = new Set();

  /** `user`, `password`: who may call. */
  constructor(network, host, { user, password }) {
    Object.assign(this, { name: `trunk on ${host}`, network, user, password });
    this.address = network.address(host);
    this.host = new UdpHost(network, host);
  }

  async start() {
    this.sip = await this.host.open({ port: SIP_PORT });
    this.media = await this.host.open({ port: MEDIA_PORT });
    this.sip.onDatagram = ({ from, data }) => this.#onRequest(parseSip(data), target(from));
    this.media.onDatagram = ({ from, data }) => this.media.send(target(from), data);
    return this;
  }

  #onRequest(request, from) {
    const number = Number.parseInt(request.get("cseq"), 10);
    this.output += `${request.start} CSeq ${number} ${request.get("proxy-authorization")}\n`;
    if (request.method === "ACK") return this.acknowledged.push(number);
    const [status, ...more] = this.#judge(request);
    const body = status === 200 && request.method === "INVITE" ? this.#sdp() : "";
    const contact = `Contact: <sip:600@${this.address}:${SIP_PORT}>`;
    this.sip.send(from, Buffer.from(composeSip(`SIP/2.0 ${status} As Judged`, [...responseFields(request, "carrier"), contact, ...more], body)));
    const transaction = `${request.method} ${request.get("via").match(/;branch=([^;]+)/)[1]}`;
    if (this.#seen.has(transaction)) return undefined; // a repeat
    this.#seen.add(transaction);
    this.numbers.push(number);
    return this.answers.push(`${request.method} ${status}`);
  }

  /** Status, and header fields that go with it. A nonce is good for one method, so that none is proven by another's. */
  #judge({ start, method, get }) {
    if (method === "CANCEL") return [200];
    const credentials = get("proxy-authorization");
    const nonce = `nonce-of-${method}`;
    const challenge = `Proxy-Authenticate: Digest realm="${REALM}", nonce="${nonce}", algorithm=MD5, qop="auth"`;
    if (authParam(credentials, "nonce") !== nonce) return [407, challenge];
    return [isProven(credentials, { start, method, user: this.user, realm: REALM, password: this.password, nonce }) ? 200 : 403];
  }

  #sdp() {
    const { address } = this;
    return ["v=0", `o=carrier 1 1 IN IP4 ${address}`, "s=-", `c=IN IP4 ${address}`, "t=0 0", `m=audio ${MEDIA_PORT} RTP/AVP 0`, ""].join("\r\n");
  }

  stop() {
    return this.host.stop();
  }
}

function target(from) {
  const [address, port] = from.split(":");
  return { address, port: Number(port) };
}
