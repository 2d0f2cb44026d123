// The page: turns what the user does into calls of Phone, and what Phone tells into what the user sees.
import { readFigures } from "./figures.js";
import { Phone } from "./phone.js";
import { Ringer } from "./ringer.js";

const page = document.querySelector(".phone");
const element = (id) => document.getElementById(id);
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const FIGURES_EVERY_MS = 1000;

const STATE_TEXTS = {
  idle: () => "Ready.",
  calling: ({ peer }) => `Calling ${peer} …`,
  ringing: ({ peer }) => `${peer} is calling`,
  talking: ({ peer }) => `Talking to ${peer}`,
  held: ({ peer }) => `${peer} is on hold`,
  ended: ({ peer, reason }) => `Call with ${peer} ended${reason ? `: ${reason}` : ""}`,
};

/** What the Enter key does in a state, where that is clear. */
const FIRST_CHOICES = { idle: "number", calling: "hangup", ringing: "answer", talking: "hangup" };

const ringer = new Ringer();
let phone;
let figuresTimer;
let talkingSince;

function showRegistration({ state, reason }) {
  page.dataset.registration = state;
  element("registration").textContent = state;
  element("start").disabled = state !== "registered";
  if (page.dataset.call !== "idle") return;
  if (reason) element("state").textContent = `Not registered: ${reason}`;
  if (state !== "registered") return;
  element("state").textContent = "Ready.";
  element("number").focus();
}

function showCall(detail) {
  const { state } = detail;
  if (state !== "idle") element("state").textContent = STATE_TEXTS[state](detail);
  if (state === "ended") return;
  const changed = page.dataset.call !== state;
  page.dataset.call = state;
  document.title = state === "idle" ? "Causeway phone" : STATE_TEXTS[state](detail);
  if (state === "ringing") ringer.start();
  else ringer.stop();
  const talking = state === "talking" || state === "held";
  element("start").hidden = state !== "idle";
  element("answer").hidden = state !== "ringing";
  element("hangup").hidden = state === "idle";
  element("hangup").textContent = state === "ringing" ? "Decline" : "Hang up";
  for (const id of ["controls", "figures", "duration"]) element(id).hidden = !talking;
  press("hold", state === "held");
  if (state === "idle") press("mute", false);
  if (talking) startAudio();
  else if (state === "idle") stopAudio();
  if (changed && state in FIRST_CHOICES) element(FIRST_CHOICES[state]).focus();
}

function press(id, pressed) {
  element(id).setAttribute("aria-pressed", String(pressed));
}

const pressed = (id) => element(id).getAttribute("aria-pressed") === "true";

function startAudio() {
  element("remote").srcObject = phone.remoteStream;
  if (figuresTimer) return;
  talkingSince = Date.now();
  figuresTimer = setInterval(showFigures, FIGURES_EVERY_MS);
  showFigures();
}

function stopAudio() {
  clearInterval(figuresTimer);
  figuresTimer = undefined;
  element("remote").srcObject = null;
  for (const place of document.querySelectorAll("[data-figure]")) place.textContent = "–";
}

async function showFigures() {
  const seconds = Math.floor((Date.now() - talkingSince) / 1000);
  element("duration").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (!phone?.connection) return;
  for (const [name, text] of Object.entries(await readFigures(phone.connection))) {
    document.querySelector(`[data-figure="${name}"]`).textContent = text;
  }
}

function dialKey(key) {
  if (page.dataset.call === "talking") phone.sendDigits(key);
  else if (page.dataset.call === "idle") element("number").value += key;
}

function buildPad() {
  for (const key of KEYS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = key;
    button.dataset.key = key;
    button.addEventListener("click", () => dialKey(key));
    element("pad").append(button);
  }
}

/** Options for tests and for odd networks: ?server=wss://…&domain=…&raw-audio turns the browser's voice filters off. */
function connectionOptions() {
  const query = new URLSearchParams(location.search);
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  return {
    server: query.get("server") ?? `wss://${location.host}/ws`,
    domain: query.get("domain") ?? location.hostname,
    ...(query.has("raw-audio") ? { audio: raw } : {}),
  };
}

async function register(event) {
  event.preventDefault();
  await phone?.disconnect();
  const user = element("user").value.trim();
  phone = new Phone({ ...connectionOptions(), user, password: element("password").value });
  phone.addEventListener("registration", ({ detail }) => showRegistration(detail));
  phone.addEventListener("call", ({ detail }) => showCall(detail));
  localStorage.setItem("user", user);
  await phone.connect();
}

function onKey(event) {
  if (event.key === "Escape") return phone?.hangUp();
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey) return;
  if (KEYS.includes(event.key)) dialKey(event.key);
}

buildPad();
element("user").value = new URLSearchParams(location.search).get("user") ?? localStorage.getItem("user") ?? "";
element("account").addEventListener("submit", register);
element("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = element("number").value.trim();
  if (page.dataset.call === "idle" && number) phone?.call(number);
});
element("answer").addEventListener("click", () => phone.answer());
element("hangup").addEventListener("click", () => phone.hangUp());
element("mute").addEventListener("click", () => {
  press("mute", !pressed("mute"));
  phone.mute(pressed("mute"));
});
element("hold").addEventListener("click", () => phone.hold(!pressed("hold")));
document.addEventListener("keydown", onKey);
addEventListener("pagehide", () => phone?.hangUp());
