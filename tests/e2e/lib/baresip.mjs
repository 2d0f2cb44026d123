// baresip as trunk or phone: plays a known melody, records what it hears, driven through its ctrl_tcp module.
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { melodySamples, readWav, writeWav } from "./melody.mjs";
import { Program, until } from "./process.mjs";

const CONTROL_PORT = 4444;
const RATE = 8000;
const REGISTER_EXPIRES = 120;
const VOICE_SECONDS = 120; // aufile plays it once, and its end is the call's end

export class Baresip {
  events = [];
  #replies = new Map();
  #pending = Buffer.alloc(0);
  #token = 0;

  /**
   * account: text after the address (`;mediaenc=srtp-mand`); config: more lines of baresip's configuration; domain: of its
   * address of record, without it its own address; transport: of its requests; registers: whether it does so as it starts;
   * seconds: length of the melody, with which the call ends.
   */
  constructor(network, host, directory, options) {
    const { user, melody, account = "", config = [], modules = [], port = 5060, domain, transport, registers = false, seconds = VOICE_SECONDS } = options;
    this.network = network;
    this.host = host;
    this.directory = join(directory, `baresip-${user}`);
    mkdirSync(this.directory, { recursive: true });
    writeWav(join(this.directory, "melody.wav"), melodySamples(melody, RATE, { seconds }), RATE);
    const address = network.address(host);
    writeFileSync(join(this.directory, "config"), [
      "poll_method epoll",
      `sip_listen ${address}:${port}`,
      "call_max_calls 8",
      `audio_source aufile,${join(this.directory, "melody.wav")}`,
      "audio_player aubridge,nil",
      "audio_alert aubridge,nil",
      "module_path /usr/lib/baresip/modules",
      ...["g711", "aufile", "aubridge", "sndfile", "srtp", "ctrl_tcp", ...modules].map((name) => `module ${name}.so`),
      "module_app account.so",
      "module_app menu.so",
      `snd_path ${this.directory}`,
      `ctrl_tcp_listen 127.0.0.1:${CONTROL_PORT}`,
      ...config,
      "",
    ].join("\n"));
    const uri = `sip:${user}@${domain ?? `${address}:${port}`}${transport ? `;transport=${transport}` : ""}`;
    const expires = registers ? REGISTER_EXPIRES : 0;
    writeFileSync(join(this.directory, "accounts"), `<${uri}>;regint=${expires};audio_codecs=PCMU,PCMA;ptime=20${account}\n`);
    writeFileSync(join(this.directory, "contacts"), "");
  }

  async start() {
    this.program = new Program(`baresip on ${this.host}`, this.network.spawn(this.host, "baresip", ["-f", this.directory]));
    await this.program.says("baresip is ready");
    await this.#connect();
    return this;
  }

  // ctrl_tcp listens inside the namespace; a small relay process reaches it from out here.
  async #connect() {
    this.control = this.network.spawn(this.host, "nc", ["127.0.0.1", String(CONTROL_PORT)], { stdio: ["pipe", "pipe", "ignore"] });
    this.control.stdout.on("data", (data) => this.#read(data));
  }

  #read(data) {
    this.#pending = Buffer.concat([this.#pending, data]);
    for (;;) {
      const colon = this.#pending.indexOf(58);
      if (colon < 0) return;
      const length = Number(this.#pending.toString("latin1", 0, colon));
      if (this.#pending.length < colon + length + 2) return;
      this.#take(JSON.parse(this.#pending.toString("utf8", colon + 1, colon + 1 + length)));
      this.#pending = this.#pending.subarray(colon + length + 2);
    }
  }

  #take(message) {
    if (message.event) this.events.push(message);
    else this.#replies.set(message.token, message);
  }

  async command(command, params = "") {
    const token = `t${++this.#token}`;
    const json = JSON.stringify({ command, params, token });
    this.control.stdin.write(`${Buffer.byteLength(json)}:${json},`);
    return until(`baresip answers ${command}`, () => this.#replies.get(token));
  }

  async event(type, { count = 1, timeout = 10_000 } = {}) {
    const matching = () => this.events.filter((event) => event.type === type);
    await until(`baresip on ${this.host} reports ${type}`, () => matching().length >= count, { timeout });
    return matching()[count - 1];
  }

  dial = (uri) => this.command("dial", uri);
  accept = () => this.command("accept");
  hangUp = () => this.command("hangup");

  /** What it heard in its longest call so far. */
  heard() {
    const files = readdirSync(this.directory).filter((name) => /^dump-.*-dec\.wav$/.test(name)).map((name) => join(this.directory, name));
    if (files.length === 0) throw new Error(`baresip on ${this.host} recorded nothing:\n${this.program.output.slice(-3000)}`);
    return readWav(files.sort((a, b) => statSync(b).size - statSync(a).size)[0]);
  }

  async stop() {
    this.control?.kill();
    await this.program?.stop();
  }
}
