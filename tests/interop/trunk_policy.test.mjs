// What a trunk sees of callers and numbers, with SIPp on both sides: nobody may lose the dialog by it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startProxy, startRelay } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";

const CALLS = 10;
const MAIN = "+49301000";
const CARRIER_DOMAIN = "carrier\\.example";

const sdp = `Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 20000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
`;
const empty = "Content-Length: 0\n\n";
const contact = "Contact: <sip:[local_ip]:[local_port]>\n";

const send = (text, repeat = true) => `<send${repeat ? ' retrans="500"' : ""}><![CDATA[\n${text}\n]]></send>\n`;
const via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70\n";
const respond = (body) =>
  send(`SIP/2.0 200 OK\n[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n${contact}${body}`, false);
/** `what`: attributes of recv; `checks`: header field to what it must look like. */
const receive = (what, checks = {}) => `<recv ${what}><action>${Object.entries(checks).map(([header, regexp]) =>
  `<ereg regexp="${regexp}" search_in="hdr" header="${header}:" check_it="true" assign_to="seen"/>`).join("")}</action></recv>\n`;
const scenario = (steps, kept = "seen") => `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="policy">\n${steps.join("")}<Reference variables="${kept}"/></scenario>\n`;

/** Alice: calls, asks again, is asked again; the end is hers or the callee's. In all of it she is who she is. */
function caller(endsIt) {
  const me = "<sip:alice@[remote_ip]>;tag=[pid]a[call_number]";
  const to = "<sip:[service]@[remote_ip]>";
  const own = { From: "sip:alice@[0-9.]+>;tag=[0-9]+a" };
  const mine = { To: "sip:alice@[0-9.]+>;tag=[0-9]+a" };
  const ask = (cseq, more = "") => send(`INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n${via}From: ${me}\nTo: ${to}\nCall-ID: [call_id]\nCSeq: ${cseq} INVITE\n${more}${contact}${sdp}`);
  const inside = (method, cseq, body, repeat = true) =>
    send(`${method} [next_url] SIP/2.0\n${via}[routes]\nFrom: ${me}\nTo: ${to}[peer_tag_param]\nCall-ID: [call_id]\nCSeq: ${cseq}\n${contact}${body}`, repeat);
  return scenario([
    ask(1), receive('response="407" auth="true"'),
    send(`ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n[last_Via:]\nFrom: ${me}\n[last_To:]\nCall-ID: [call_id]\nCSeq: 1 ACK\nMax-Forwards: 70\n${empty}`, false),
    ask(2, "[authentication username=alice password=alice-secret]\n"),
    receive('response="100" optional="true"'), receive('response="200" rrs="true"', own), inside("ACK", "2 ACK", empty, false),
    '<pause milliseconds="200"/>',
    inside("INVITE", "3 INVITE", sdp), receive('response="100" optional="true"'), receive('response="200"', own), inside("ACK", "3 ACK", empty, false),
    receive('request="INVITE"', mine), respond(sdp), receive('request="ACK"', mine),
    ...(endsIt ? [inside("BYE", "4 BYE", empty), receive('response="200"', own)] : [receive('request="BYE"', mine), respond(empty)]),
  ]);
}

/** The carrier's gateway: it knows the caller as `shown` from the first INVITE to the last BYE. */
function gateway(endsIt, shown, more = {}) {
  const seen = { From: `${shown}>;tag=[0-9]+a` };
  const addressed = { To: `${shown}>;tag=[0-9]+a` };
  const keep = '<ereg regexp="&lt;.*" search_in="hdr" header="From:" assign_to="caller"/><ereg regexp="&lt;.*" search_in="hdr" header="To:" assign_to="me"/>';
  const tag = ";tag=[pid]b[call_number]";
  const inside = (method, cseq, body, repeat = true) =>
    send(`${method} [next_url] SIP/2.0\n${via}[routes]\nFrom: [$me]${tag}\nTo: [$caller]\nCall-ID: [call_id]\nCSeq: ${cseq}\n${contact}${body}`, repeat);
  return scenario([
    receive('request="INVITE" rrs="true"', { ...seen, ...more }).replace("</action>", `${keep}</action>`),
    respond(sdp).replace("[last_To:]", `[last_To:]${tag}`), receive('request="ACK"', seen),
    receive('request="INVITE"', seen), respond(sdp), receive('request="ACK"', seen),
    '<pause milliseconds="200"/>',
    inside("INVITE", "1 INVITE", sdp), receive('response="100" optional="true"'), receive('response="200"', addressed), inside("ACK", "1 ACK", empty, false),
    ...(endsIt ? ['<pause milliseconds="200"/>', inside("BYE", "2 BYE", empty), receive('response="200"', addressed)] : [receive('request="BYE"', seen), respond(empty)]),
  ], "seen,caller,me");
}

/** Calls through a carrier with `policy`, which must see the caller as `shown`, and in the first INVITE what `more` says. */
function callsBy(policy, shown, { callerEnds, more = {} }) {
  return onStage(["edge", "phone", "carrier"], async ({ network, directory, add }) => {
    add(await startRelay(network, "edge"));
    add(await startProxy(network, "edge", directory, {
      trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("carrier")}"\n${policy}`,
      routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`,
      extra: `[routing]\ncountry_code = "49"\ninternational_prefix = "00"\nnational_prefix = "0"\n`,
    }));
    writeFileSync(join(directory, "caller.xml"), caller(callerEnds));
    writeFileSync(join(directory, "gateway.xml"), gateway(!callerEnds, shown, more));
    const sipp = (host, args) => add(new Program(`sipp on ${host}`, network.spawn(host, "sipp",
      [...args, "-i", network.address(host), "-p", "5060", "-m", String(CALLS), "-timeout", "40s", "-timeout_error", "-nostdin", "-trace_err", "-error_file", `${host}.log`], { cwd: directory })));
    const callee = sipp("carrier", ["-sf", "gateway.xml"]);
    await sleep(500);
    const phone = sipp("phone", ["-sf", "caller.xml", "-s", "030600", "-r", "5", `${network.address("edge")}:5060`]);
    for (const program of [phone, callee]) {
      await until(`${program.name} has made its calls`, () => program.exited, { timeout: 50_000 });
      assert.equal(program.code, 0, program.output.slice(-3000));
    }
  });
}

const MAIN_POLICY = `from_domain = "carrier.example"
number_format = "e164"
user_phone = true
[trunk.caller]
show = "number"
number = "${MAIN}"
identity = "pai"
`;
const shownMain = `sip:\\${MAIN}@${CARRIER_DOMAIN};user=phone`;
const vouched = { "P-Asserted-Identity": shownMain };

test("a fixed number in From holds for the whole dialog, which the caller ends", { timeout: 90_000 }, () =>
  callsBy(MAIN_POLICY, shownMain, { callerEnds: true, more: vouched }));

test("a fixed number in From holds for the whole dialog, which the callee ends", { timeout: 90_000 }, () =>
  callsBy(MAIN_POLICY, shownMain, { callerEnds: false, more: vouched }));

test("an anonymous caller stays so to the last BYE", { timeout: 90_000 }, () =>
  callsBy(`[trunk.caller]\nshow = "anonymous"\n`, "sip:anonymous@anonymous\\.invalid", { callerEnds: false, more: { Privacy: "id" } }));
