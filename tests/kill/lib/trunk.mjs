// A carrier's gateway whose conduct a test decides: every INVITE that opens a call is played by a function of the test.
import { isProven, placeOf } from "../../e2e/lib/sip.mjs";
import { plainSdp } from "../../e2e/lib/rtp.mjs";
import { Dialog } from "./dialog.mjs";
import { Party, token } from "./party.mjs";

const MEDIA_PORT = 4000;
const REALM = "carrier.example";

/** One INVITE without a To tag, and the call it opens. */
export class Leg extends Dialog {
  constructor(trunk, invite, reply) {
    const tag = token();
    const to = `${invite.get("to")};tag=${tag}`;
    super(trunk, {
      id: invite.get("call-id"), local: to, remote: invite.get("from"), target: placeOf(invite.get("contact")).uri,
      routes: invite.all("record-route"), user: "600",
    });
    Object.assign(this, { invite, reply, tag, begun: Date.now(), body: plainSdp({ address: trunk.link.address, port: trunk.mediaPort }) });
  }

  #say = (status, body) => this.reply(status, { tag: this.tag, body, more: [`Contact: ${this.party.contact(this.user)}`] });

  ring(status = 180) {
    this.hasRung = true;
    return this.#say(status);
  }

  /** True once acknowledged; without an ACK it says BYE by itself, RFC 3261 §13.3.1.4. */
  async answer() {
    if (this.isOver) return false;
    this.isOver = true;
    this.answeredAt = Date.now();
    this.acknowledged = await this.#say(200, this.body);
    if (!this.acknowledged && !this.party.stopped) await this.hangUp();
    return this.acknowledged;
  }

  refuse(status) {
    this.isOver = true;
    this.refusal = this.#say(status);
    return this.refusal;
  }

  onAccepted(_, number) {
    this.acknowledge(number);
  }
}

/** A call from outside to a user. */
class OutgoingLeg extends Dialog {
  body = plainSdp({ address: this.party.link.address, port: this.party.mediaPort });

  onAccepted(response, number) {
    this.learn(response);
    this.acknowledge(number);
  }
}

export class Trunk extends Party {
  legs = [];
  requests = []; // all of them but repeats and ACKs: {at, method, start, callId}

  /**
   * play(leg) answers a call; onReinvite(leg, reply) a request for other media. `demands`: {user, password, methods} that
   * have to be proven.
   */
  constructor(name, link, { play = (leg) => leg.answer(), onReinvite, onBye, onCancel, demands, mediaPort = MEDIA_PORT } = {}) {
    super(name, link);
    Object.assign(this, { play, onReinvite, onBye, onCancel, demands, mediaPort });
  }

  onRequest(request, reply) {
    const callId = request.get("call-id");
    this.requests.push({ at: Date.now(), method: request.method, start: request.start, callId, number: request.number });
    if (this.#isUnproven(request)) {
      const challenge = `Proxy-Authenticate: Digest realm="${REALM}", nonce="nonce-of-${request.method}", algorithm=MD5, qop="auth"`;
      return reply(407, { tag: token(), more: [challenge] });
    }
    const leg = this.legs.findLast(({ id }) => id === callId);
    if (request.method === "INVITE" && !/;tag=/.test(request.get("to"))) return this.#open(request, reply);
    if (request.method === "CANCEL") return this.#cancel(request, reply);
    if (!leg || leg.endedAt) return reply(request.method === "OPTIONS" ? 200 : 481);
    if (request.method === "INVITE") leg.reinvite = request;
    if (request.method === "INVITE") return (this.onReinvite ?? ((_, say) => say(200)))(leg, (status) => this.#answerReinvite(leg, reply, status));
    if (request.method === "BYE") {
      leg.ended();
      return (this.onBye ?? ((_, say) => say(200)))(leg, reply);
    }
    return reply(200);
  }

  #open(invite, reply) {
    const leg = new Leg(this, invite, reply);
    this.legs.push(leg);
    return this.play(leg);
  }

  #answerReinvite(leg, reply, status) {
    const contact = `Contact: ${this.contact(leg.user)}`;
    return reply(status, { more: [contact], body: status === 200 ? leg.body : "" });
  }

  #cancel(request, reply) {
    const leg = this.legs.find(({ invite }) => invite.transaction === request.transaction);
    if (!leg) return reply(481);
    const carryOn = () => {
      reply(200, { tag: leg.tag });
      if (!leg.isOver) leg.refuse(487);
    };
    leg.cancelled = true;
    return this.onCancel ? this.onCancel(leg, carryOn) : carryOn();
  }

  #isUnproven(request) {
    const { demands } = this;
    if (!demands?.methods.includes(request.method)) return false;
    const { start, method } = request;
    return !isProven(request.get("proxy-authorization"), { start, method, realm: REALM, nonce: `nonce-of-${method}`, ...demands });
  }

  /** A call that begins here, to be started with INVITE. */
  call(user, service) {
    const target = `sip:${user}@${service}`;
    const call = new OutgoingLeg(this, {
      id: `${token()}${token()}`, local: `<sip:+4930123@${this.link.address}>;tag=${token()}`, remote: `<${target}>`, target, user: "600",
    });
    this.legs.push(call);
    return call;
  }

  /** Legs that this gateway rang or answered for one call. */
  ringsOf(callId) {
    return this.legs.filter((leg) => leg.id === callId && (leg.hasRung || leg.answeredAt)).length;
  }
}
