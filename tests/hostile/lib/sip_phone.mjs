// A telephone's signalling over UDP, run inside a namespace: `node sip_phone.mjs JOB`. JOB is JSON: {"address", "mediaPort"}
// of a phone that answers every call, and with {"proxy", "user", "password", "number"} of one that calls when it reads
// `call` and ends the call at `hangup`. Prints `talking PORT` (of the relay's media) and `ended`.
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import { composeSip, digestCredentials, parseSip, placeOf, responseFields } from "../../e2e/lib/sip.mjs";

const T1_MS = 500;
const PORT = 5060;

const job = JSON.parse(process.argv[2]);
const socket = createSocket("udp4");
const random = () => randomBytes(6).toString("hex");
const sdp = ["v=0", `o=- 1 1 IN IP4 ${job.address}`, "s=-", `c=IN IP4 ${job.address}`, "t=0 0", `m=audio ${job.mediaPort} RTP/AVP 0`, ""].join("\r\n");

const mediaPort = (message) => message.body.match(/^m=audio (\d+) /m)?.[1];
const send = (message, to) => socket.send(message, to.port, to.address);

/** Sends until `isAnswered`, at doubling intervals. */
function persist(message, to, isAnswered, wait = T1_MS) {
  if (isAnswered()) return;
  send(message, to);
  setTimeout(() => persist(message, to, isAnswered, wait * 2), wait);
}

// ---- called

const unacknowledged = new Set();
const talked = new Set();

function answer(request, from) {
  const id = request.get("call-id");
  const fields = [...responseFields(request, "callee"), `Contact: <sip:callee@${job.address}:${PORT}>`];
  if (request.method === "ACK") unacknowledged.delete(id);
  else if (request.method !== "INVITE") send(composeSip("SIP/2.0 200 OK", fields), from);
  else if (!talked.has(id)) {
    talked.add(id);
    unacknowledged.add(id);
    persist(composeSip("SIP/2.0 200 OK", fields, sdp), from, () => !unacknowledged.has(id));
    console.log(`talking ${mediaPort(request)}`);
  }
  if (request.method === "BYE") console.log("ended");
}

// ---- calling

let call; // the one call that this phone has made

function request(method, { uri = call.uri, cseq = call.cseq, to = call.to, branch = random(), more = [], body = "" } = {}) {
  return composeSip(`${method} ${uri} SIP/2.0`, [
    `Via: SIP/2.0/UDP ${job.address}:${PORT};branch=z9hG4bK${branch};rport`,
    "Max-Forwards: 70",
    ...call.routes.map((route) => `Route: ${route}`),
    `From: <sip:${job.user}@${job.proxy}>;tag=${call.tag}`,
    `To: ${to}`,
    `Call-ID: ${call.id}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:${job.user}@${job.address}:${PORT}>`,
    ...more,
  ], body);
}

const proxy = { address: job.proxy, port: PORT };

function invite(more = []) {
  const { cseq } = call;
  call.branch = random();
  persist(request("INVITE", { branch: call.branch, more, body: sdp }), proxy, () => call.answeredTo >= cseq);
}

function place() {
  const uri = `sip:${job.number}@${job.proxy}`;
  call = { uri, id: random(), tag: random(), to: `<${uri}>`, routes: [], cseq: 1, answeredTo: 0 };
  invite();
}

function hangUp() {
  const cseq = ++call.cseq;
  persist(request("BYE"), proxy, () => call.answeredTo >= cseq);
}

function onResponse(response) {
  if (response.get("call-id") !== call?.id) return;
  const [number, method] = response.get("cseq").split(" ");
  const isNew = Number(number) > call.answeredTo;
  call.answeredTo = Math.max(call.answeredTo, Number(number));
  if (response.status < 200) return;
  if (method === "BYE") {
    if (isNew) console.log("ended");
  } else if (response.status >= 300) {
    send(request("ACK", { cseq: number, to: response.get("to"), branch: call.branch }), proxy);
    if (response.status !== 407 || Number(number) > 1) return console.log(`refused ${response.start}`);
    if (isNew || call.cseq === 1) {
      ++call.cseq;
      const credentials = digestCredentials(response.all("proxy-authenticate"), { user: job.user, password: job.password, method: "INVITE", uri: call.uri });
      invite([`Proxy-Authorization: ${credentials}`]);
    }
  } else {
    const first = call.routes.length === 0;
    Object.assign(call, { to: response.get("to"), routes: response.all("record-route").reverse(), uri: placeOf(response.get("contact")).uri });
    send(request("ACK", { cseq: number }), proxy);
    if (first) console.log(`talking ${mediaPort(response)}`);
  }
}

socket.on("message", (bytes, from) => {
  const message = parseSip(bytes);
  if (message.status > 0) onResponse(message);
  else answer(message, from);
});
socket.bind(PORT, job.address, () => console.log("ready"));
createInterface({ input: process.stdin }).on("line", (line) => (line === "call" ? place() : hangUp()));
