// One end of a call: its tags, route set and numbers, and the requests it sends inside the dialog.
import { composeSip, placeOf } from "../../e2e/lib/sip.mjs";

export class Dialog {
  responses = []; // to requests of this end, in their order
  answeredAt = undefined;
  endedAt = undefined;

  /** `local`, `remote`: values of From and To as this end writes them; `user`: of its Contact. */
  constructor(party, { id, local, remote, target, routes = [], user, nextHop }) {
    Object.assign(this, { party, id, local, remote, target, routes, user, nextHop, number: 0 });
  }

  compose(method, { branch, number, more = [], body = "", remote = this.remote, target = this.target, routes = this.routes }) {
    return composeSip(`${method} ${target} SIP/2.0`, [
      this.party.viaField(branch), "Max-Forwards: 70", ...routes.map((route) => `Route: ${route}`),
      `From: ${this.local}`, `To: ${remote}`, `Call-ID: ${this.id}`, `CSeq: ${number} ${method}`,
      `Contact: ${this.party.contact(this.user)}`, ...more,
    ], body);
  }

  get hop() {
    return this.routes.length > 0 ? placeOf(this.routes[0]) : this.nextHop ?? placeOf(this.target);
  }

  /** Starts a request; gives its client transaction. An INVITE's failure is acknowledged, a success by this.accept(). */
  start(method, { more, body, onAny } = {}) {
    const number = ++this.number;
    const { hop, target, routes } = this;
    const client = this.party.ask(method, hop, (branch) => this.compose(method, { branch, number, more, body, target, routes }), {
      onAny: (response) => {
        this.responses.push(response);
        if (method === "INVITE" && response.status >= 300) {
          this.party.link.send(hop, this.compose("ACK", { branch: client.branch, number, remote: response.get("to"), target, routes }));
        }
        if (method === "INVITE" && response.status >= 200 && response.status < 300) this.onAccepted?.(response, number);
        onAny?.(response);
      },
    });
    client.number = number;
    return client;
  }

  /** What the first 2xx to an INVITE of this end says of the dialog. */
  learn(response) {
    if (this.answeredAt) return;
    this.answeredAt = Date.now();
    Object.assign(this, { remote: response.get("to"), target: placeOf(response.get("contact")).uri, answer: response });
    this.routes = response.all("record-route").reverse();
  }

  acknowledge(number) {
    this.party.link.send(this.hop, this.compose("ACK", { branch: `z9hG4bK${number}${this.id.slice(0, 12)}`, number }));
  }

  /** Final response to a request inside the dialog; a challenge is answered by no end here. */
  async ask(method, what) {
    return this.start(method, what).final;
  }

  async hangUp() {
    const begun = Date.now();
    const response = await this.ask("BYE");
    this.ended();
    return Object.assign(response, { took: Date.now() - begun });
  }

  ended() {
    this.endedAt ??= Date.now();
  }
}

/** Longest time in ms that one of two ends was up without the other, seen at `now`. */
export function timeAlone(ends, now = Date.now()) {
  const spans = ends.filter(Boolean).map(({ answeredAt, endedAt }) => (answeredAt ? [answeredAt, endedAt ?? now] : undefined)).filter(Boolean);
  if (spans.length === 0) return 0;
  if (spans.length === 1) return spans[0][1] - spans[0][0];
  const [[a, b], [c, d]] = spans;
  return Math.max(Math.abs(c - a), Math.abs(d - b));
}
