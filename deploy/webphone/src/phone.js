// One line of a SIP phone: registers, makes and takes one call at a time. Knows SIP.js, knows no page.
import { Inviter, Registerer, RegistererState, SessionState, UserAgent } from "sip.js";

const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const RECONNECT_DELAY_MS = 2000;
const KEEP_ALIVE_S = 10; // a server that hangs never says that it is gone

/**
 * Events (CustomEvent, details in `detail`):
 *   registration  {state: "offline" | "connecting" | "registered" | "failed", reason?}
 *   call          {state: "idle" | "calling" | "ringing" | "talking" | "held" | "ended", peer, reason?}
 */
export class Phone extends EventTarget {
  #agent;
  #registerer;
  #session;
  #wanted = false;
  #constraints;

  /** `server` is a wss:// URL, `domain` the host part of the user's address; `audio` overrides the microphone's constraints. */
  constructor({ server, domain, user, password, audio = AUDIO }) {
    super();
    this.#constraints = { audio, video: false };
    this.domain = domain;
    this.#agent = new UserAgent({
      uri: UserAgent.makeURI(`sip:${encodeURIComponent(user)}@${domain}`),
      authorizationUsername: user,
      authorizationPassword: password,
      displayName: user,
      transportOptions: { server, keepAliveInterval: KEEP_ALIVE_S },
      logLevel: "warn",
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: 1000,
        peerConnectionConfiguration: { iceServers: [] },
      },
      delegate: {
        onConnect: () => this.#register(),
        onDisconnect: (error) => this.#lost(error),
        onInvite: (invitation) => this.#ring(invitation),
      },
    });
  }

  async connect() {
    this.#wanted = true;
    this.#tell("registration", { state: "connecting" });
    try {
      await this.#agent.start();
    } catch (error) {
      this.#lost(error);
    }
  }

  async disconnect() {
    this.#wanted = false;
    this.hangUp();
    await this.#registerer?.unregister().catch(() => {});
    await this.#agent.stop();
  }

  async call(number) {
    if (this.#session) return;
    const target = UserAgent.makeURI(number.includes("@") ? `sip:${number}` : `sip:${encodeURIComponent(number)}@${this.domain}`);
    if (!target) return this.#tell("call", { state: "ended", peer: number, reason: "not a number" });
    const inviter = new Inviter(this.#agent, target, {
      sessionDescriptionHandlerOptions: { constraints: this.#constraints },
      earlyMedia: true,
    });
    this.#take(inviter, number);
    this.#tell("call", { state: "calling", peer: number });
    const onReject = ({ message }) => this.#end(inviter, `${message.statusCode} ${message.reasonPhrase}`);
    await inviter.invite({ requestDelegate: { onReject } }).catch((error) => this.#end(inviter, error.message));
  }

  async answer() {
    await this.#session?.accept({ sessionDescriptionHandlerOptions: { constraints: this.#constraints } });
  }

  /** Ends whatever state the call is in. Works from within `pagehide`: the request leaves at once. */
  hangUp() {
    const session = this.#session;
    if (!session) return;
    if (session.state === SessionState.Established) return session.bye();
    if (session instanceof Inviter) return session.cancel();
    return session.reject({ statusCode: 486 });
  }

  mute(muted) {
    for (const sender of this.connection?.getSenders() ?? []) if (sender.track) sender.track.enabled = !muted;
  }

  /** Resolves to whether the peer took the change. */
  hold(held) {
    const session = this.#session;
    if (session?.state !== SessionState.Established) return Promise.resolve(false);
    session.sessionDescriptionHandlerOptionsReInvite = { hold: held, constraints: this.#constraints };
    return new Promise((resolve) => {
      const done = (taken) => {
        if (taken) this.#tell("call", { state: held ? "held" : "talking", peer: session.peer });
        resolve(taken);
      };
      session
        .invite({ requestDelegate: { onAccept: () => done(true), onReject: () => done(false) } })
        .catch(() => done(false));
    });
  }

  /** RFC 4733 events of 100 ms. */
  sendDigits(digits) {
    const sender = this.connection?.getSenders().find(({ dtmf }) => dtmf?.canInsertDTMF);
    sender?.dtmf.insertDTMF(sender.dtmf.toneBuffer + digits, 100, 70);
    return Boolean(sender);
  }

  /** The RTCPeerConnection of the call, if there is one. */
  get connection() {
    return this.#session?.sessionDescriptionHandler?.peerConnection;
  }

  /** What the peer sends, as a stream that lives as long as the call. */
  get remoteStream() {
    return this.#session?.sessionDescriptionHandler?.remoteMediaStream;
  }

  async #register() {
    this.#registerer ??= this.#makeRegisterer();
    let reason = "no answer";
    await this.#registerer
      .register({
        requestDelegate: {
          onAccept: () => this.#tell("registration", { state: "registered" }), // also where SIP.js thought it still was
          onReject: ({ message }) => (reason = `${message.statusCode} ${message.reasonPhrase}`) && this.#tell("registration", { state: "failed", reason }),
        },
      })
      .catch((error) => this.#tell("registration", { state: "failed", reason: error.message }));
  }

  #makeRegisterer() {
    const registerer = new Registerer(this.#agent, { expires: 300 });
    registerer.stateChange.addListener((state) => {
      if (state === RegistererState.Registered) this.#tell("registration", { state: "registered" });
      if (state === RegistererState.Unregistered && !this.#wanted) this.#tell("registration", { state: "offline" });
    });
    return registerer;
  }

  #lost(error) {
    if (!this.#wanted) return this.#tell("registration", { state: "offline" });
    this.#tell("registration", { state: "failed", reason: error?.message ?? "connection lost" });
    setTimeout(() => this.#wanted && this.#agent.reconnect().catch((again) => this.#lost(again)), RECONNECT_DELAY_MS);
  }

  #ring(invitation) {
    if (this.#session) return invitation.reject({ statusCode: 486 });
    const peer = invitation.remoteIdentity.displayName || invitation.remoteIdentity.uri.user;
    this.#take(invitation, peer);
    invitation.delegate = { onCancel: () => this.#end(invitation, "caller gave up") };
    this.#tell("call", { state: "ringing", peer });
  }

  #take(session, peer) {
    this.#session = session;
    session.peer = peer;
    session.stateChange.addListener((state) => {
      if (state === SessionState.Established) this.#tell("call", { state: "talking", peer });
      // SIP.js tells of the end first and of its reason right after.
      if (state === SessionState.Terminated) queueMicrotask(() => this.#end(session));
    });
  }

  #end(session, reason) {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#tell("call", { state: "ended", peer: session.peer, reason });
    this.#tell("call", { state: "idle" });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
