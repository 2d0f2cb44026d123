// A telephone that calls through the pair: it proves its password, repeats until it hears something, honours 100.
import { setTimeout as sleep } from "node:timers/promises";
import { digestCredentials } from "../../e2e/lib/sip.mjs";
import { plainSdp } from "../../e2e/lib/rtp.mjs";
import { browserSdp } from "./browser_sdp.mjs";
import { USERS } from "../../e2e/lib/causeway.mjs";
import { Dialog } from "./dialog.mjs";
import { Party, token } from "./party.mjs";

const ALICE = USERS[0];
const MEDIA_PORT = 4000;
const EXPIRES_S = 120;
const RECOVERY_MS = 500;
const RECOVERY_TRIES = 20;

const sdpOf = ({ isWeb, address }, port) => (isWeb ? browserSdp() : plainSdp({ address, port }));

class Call extends Dialog {
  /** Provisional statuses heard, each once and in order. */
  rang = [];

  constructor(party, { number, service, domain, mediaPort, acknowledges }) {
    const target = `sip:${number}@${domain}`;
    super(party, {
      id: `${token()}${token()}`, local: `<sip:${party.user.name}@${domain}>;tag=${token()}`, remote: `<${target}>`, target,
      user: party.contactUser, nextHop: { address: service, port: party.link.towards },
    });
    Object.assign(this, { acknowledges, begun: Date.now(), body: sdpOf(party.link, mediaPort) });
    this.final = this.#place();
  }

  async #place() {
    this.invite = this.start("INVITE", { body: this.body });
    const challenge = await this.invite.final;
    if (challenge.status !== 407) return challenge;
    this.invite = this.start("INVITE", {
      body: this.body, more: [this.proof(challenge, "INVITE")],
      onAny: ({ status }) => status < 200 && !this.rang.includes(status) && this.rang.push(status),
    });
    this.provenAt = Date.now();
    return this.invite.final;
  }

  proof(challenge, method) {
    const { name, password } = this.party.user;
    const credentials = digestCredentials(challenge.all("proxy-authenticate"), { user: name, password, method, uri: this.target });
    return `Proxy-Authorization: ${credentials}`;
  }

  onAccepted(response, number) {
    this.learn(response);
    if (this.acknowledges) this.acknowledge(number);
  }

  /** Gives up: CANCEL with the INVITE's branch. */
  cancel() {
    const { invite } = this;
    return this.party.ask("CANCEL", this.nextHop, (branch) => this.compose("CANCEL", { branch, number: invite.number }), { branch: invite.branch }).final;
  }
}

/** A call to this telephone, which answers at once. */
class Received {
  tag = token();

  constructor({ link }) {
    this.body = sdpOf(link, MEDIA_PORT);
  }
}

export class Caller extends Party {
  calls = new Map();

  constructor(name, link, user = ALICE) {
    super(name, link);
    this.user = user;
    this.contactUser = link.isWeb ? token() : user.name; // as SIP.js makes one; it tells its flows apart
  }

  /** Registers at `service`, and anew whenever a connection is lost. Gives the final response of the first time. */
  register(service) {
    const dialog = this.#registration(service);
    this.link.onLost = async () => {
      for (let tries = RECOVERY_TRIES; tries > 0 && !this.stopped; --tries) {
        await sleep(RECOVERY_MS, undefined, { ref: false });
        const heard = await Promise.race([this.#register(dialog), sleep(RECOVERY_MS, undefined, { ref: false })]);
        if (heard?.status === 200) break;
      }
    };
    return this.#register(dialog);
  }

  #registration(service) {
    const own = `<sip:${this.user.name}@${service}>`;
    const nextHop = { address: service, port: this.link.towards };
    return new Dialog(this, { id: token(), local: `${own};tag=${token()}`, remote: own, target: `sip:${service}`, user: this.contactUser, nextHop });
  }

  async #register(dialog) {
    const more = [`Expires: ${EXPIRES_S}`];
    const challenge = await dialog.ask("REGISTER", { more });
    if (challenge.status !== 401) return challenge;
    const { name, password } = this.user;
    const proof = digestCredentials(challenge.all("www-authenticate"), { user: name, password, method: "REGISTER", uri: dialog.target });
    return dialog.ask("REGISTER", { more: [...more, `Authorization: ${proof}`] });
  }

  /** Calls `number` by way of the service address `service`. */
  call(number, { service, domain = service, mediaPort = MEDIA_PORT, acknowledges = true }) {
    const call = new Call(this, { number, service, domain, mediaPort, acknowledges });
    this.calls.set(call.id, call);
    return call;
  }

  onRequest(request, reply) {
    let call = this.calls.get(request.get("call-id"));
    if (!call && request.method === "INVITE") this.calls.set(request.get("call-id"), (call = new Received(this)));
    if (!call || call.endedAt) return reply(481);
    const more = [`Contact: ${this.contact(this.contactUser)}`];
    if (request.method === "BYE") call.endedAt = Date.now();
    return reply(200, { more, tag: call.tag, body: request.method === "INVITE" ? call.body : "" });
  }
}
