// A real Chromium with a known voice, driven through the web phone's own page.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { melodySamples, TONE_MS, writeWav } from "./melody.mjs";
import { until } from "./process.mjs";

const RATE = 48000;

const DISABLED_FEATURES = [
  "LocalNetworkAccessChecks",
  "BlockInsecurePrivateNetworkRequests",
  "Translate",
  "OptimizationHints",
  "MediaRouter",
  "DialMediaRouteProvider",
  "AutofillServerCommunication",
];

/** Runs in the page: keeps what the peer sends, as it would be heard. */
async function recordRemote() {
  const code = `registerProcessor("keeper", class extends AudioWorkletProcessor {
    process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; } });`;
  await window.recorder?.close();
  const context = (window.recorder = new AudioContext({ sampleRate: 48000 }));
  await context.resume();
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(code)}`);
  window.heard = [];
  const keeper = new AudioWorkletNode(context, "keeper");
  keeper.port.onmessage = ({ data }) => window.heard.push(data);
  const stream = document.getElementById("remote").srcObject;
  context.createMediaStreamSource(stream).connect(keeper).connect(context.destination);
}

/** Runs in the page: what was kept so far, as base64 of 16-bit samples. */
function takeHeard() {
  const chunks = window.heard.splice(0);
  const samples = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) for (const sample of chunk) samples[at++] = Math.round(sample * 32767);
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.readAsDataURL(new Blob([samples]));
  });
}

/**
 * Runs in the page before its own script: a voice that is no microphone. Chromium names itself by mDNS only to pages that
 * may not use the microphone.
 */
function sing({ tones, toneMs, level }) {
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 48000 });
    await context.resume();
    const perTone = (toneMs / 1000) * context.sampleRate;
    const buffer = context.createBuffer(1, perTone * tones.length, context.sampleRate);
    const samples = buffer.getChannelData(0);
    let phase = 0;
    for (let i = 0; i < samples.length; ++i) {
      phase += (2 * Math.PI * tones[Math.floor(i / perTone)]) / context.sampleRate;
      samples[i] = level * Math.sin(phase);
    }
    const voice = new AudioBufferSourceNode(context, { buffer, loop: true });
    const microphone = context.createMediaStreamDestination();
    voice.connect(microphone);
    voice.start();
    return microphone.stream;
  };
}

export class Browser {
  /** network/host: run inside that namespace; without them on the machine itself (loopback). */
  static async launch({ network, host, directory, melody, hideMdns = false, loopback = false, name = "browser" }) {
    const home = join(directory, name);
    mkdirSync(home, { recursive: true });
    const voice = join(home, "voice.wav");
    writeWav(voice, melodySamples(melody, RATE, { seconds: 16 }), RATE);
    let executablePath = "/usr/bin/chromium";
    if (network) {
      executablePath = join(home, "chromium-in-namespace");
      writeFileSync(executablePath, `#!/bin/sh\nexec ip netns exec ${network.namespace(host)} /usr/bin/chromium "$@"\n`);
      chmodSync(executablePath, 0o755);
    }
    // A name by mDNS stands for the address of the default route.
    if (hideMdns) network.run(host, "ip", ["route", "add", "default", "dev", "eth0"]);
    const disabled = [...DISABLED_FEATURES, ...(hideMdns ? [] : ["WebRtcHideLocalIpsWithMdns"])];
    const server = await chromium.launchServer({
      executablePath,
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--ignore-certificate-errors",
        "--autoplay-policy=no-user-gesture-required",
        ...(hideMdns ? [] : ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${voice}`]),
        ...(loopback ? ["--allow-loopback-in-peer-connection"] : []),
        `--disable-features=${disabled.join(",")}`,
      ],
    });
    return new Browser(server, await chromium.connect(server.wsEndpoint()), hideMdns ? melody : undefined);
  }

  constructor(server, browser, song) {
    this.song = song;
    this.server = server;
    this.browser = browser;
    this.log = [];
    this.sent = []; // SIP messages, as text
    this.received = [];
  }

  /** Opens the phone and registers. `url` is the page's address. */
  async open(url, { user, password, query = "" }) {
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true });
    this.page = await context.newPage();
    if (this.song) await this.page.addInitScript(sing, { tones: this.song, toneMs: TONE_MS, level: 0.35 });
    this.page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => this.sent.push(String(payload)));
      socket.on("framereceived", ({ payload }) => this.received.push(String(payload)));
    });
    this.page.on("console", (message) => this.log.push(message.text()));
    this.page.on("pageerror", (error) => this.log.push(`page error: ${error.message}`));
    await this.#load(`${url}?raw-audio&${query}`);
    await this.page.fill("#user", user);
    await this.page.fill("#password", password);
    await this.page.click("#register");
    await this.registration("registered");
    return this;
  }

  /** A page without its script, because the network changed while it came, is loaded again. */
  async #load(url) {
    for (let tries = 3; ; --tries) {
      const failed = await this.page.goto(url).then(() => undefined, (error) => error);
      const whole = !failed && (await this.page.locator("#pad button").count()) > 0;
      if (whole) return;
      if (tries === 1) throw failed ?? new Error(`the page came without its script:\n${this.log.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async #page(what, condition, timeout) {
    await until(what, condition, { timeout, every: 100 }).catch(async (error) => {
      throw new Error(`${error.message}; it says "${await this.text("#registration")}" and "${await this.text("#state")}"\n${this.log.slice(-40).join("\n")}`);
    });
  }

  #data = (name, value, timeout) =>
    this.#page(`the page's ${name} is ${value}`, async () => (await this.page.getAttribute(".phone", `data-${name}`)) === value, timeout);

  says = (text, timeout) => this.#page(`the page says ${text}`, async () => text.test(await this.text("#state")), timeout);
  registration = (state, timeout = 10_000) => this.#data("registration", state, timeout);
  call = (state, timeout = 10_000) => this.#data("call", state, timeout);
  text = (selector) => this.page.textContent(selector);

  async dial(number) {
    await this.page.fill("#number", number);
    await this.page.click("#start");
  }

  answer = () => this.page.click("#answer");
  hangUp = () => this.page.click("#hangup");
  hold = () => this.page.click("#hold");
  mute = () => this.page.click("#mute");

  async digits(keys) {
    for (const key of keys) await this.page.click(`[data-key="${key}"]`);
  }

  async startRecording() {
    await this.page.evaluate(recordRemote);
  }

  /** The live figures as the page shows them: {codec, roundTrip, loss, jitter}. */
  figures() {
    return this.page.$$eval("[data-figure]", (places) => Object.fromEntries(places.map((place) => [place.dataset.figure, place.textContent])));
  }

  /** Everything heard since startRecording(). */
  async heard() {
    const base64 = await this.page.evaluate(takeHeard);
    const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
    return { samples: Float32Array.from(new Int16Array(bytes.buffer), (x) => x / 32767), rate: RATE };
  }

  /** `kill -9`: the browser says no word to anybody. */
  kill() {
    this.server.process().kill("SIGKILL");
  }

  /** The tab goes away; its page still hears `pagehide`. */
  closeTab() {
    return this.page.close({ runBeforeUnload: false });
  }

  async close() {
    await this.server.close().catch(() => {});
  }
}
