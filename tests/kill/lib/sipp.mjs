// Stock SIPp in numbers: callers and gateways whose scenarios are those of tests/interop, without their audio.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../e2e/lib/causeway.mjs";
import { Program } from "../../e2e/lib/process.mjs";
import { SIP_PORT } from "./links.mjs";

const read = (name) => readFileSync(join(ROOT, `tests/interop/sipp_${name}.xml`), "utf8");
const readOwn = (name) => readFileSync(join(ROOT, `tests/kill/sipp/${name}.xml`), "utf8");

const withoutAudio = (xml) => xml.replace(/ *<nop>[^]*?<\/nop>\n/, "").replaceAll("[rtpstream_audio_port]", "[media_port]");
const timed = (xml) => xml.replace(/<send retrans="500">(\s*<!\[CDATA\[\s*BYE )/, '<send retrans="500" start_rtd="1">$1')
  .replace(/<recv response="200"\/>(\s*<\/scenario>)/, '<recv response="200" rtd="1"/>$1');
/** Everything from the ACK on is another scenario's. */
const endsAs = (xml, end) => xml.replace(/ *<pause\/>[^]*<\/scenario>/, () => `${end.trimEnd()}\n</scenario>`);

/** Files of the four scenarios in `directory`. */
export function writeScenarios(directory) {
  const user = withoutAudio(read("user"));
  const scenarios = {
    caller_ends: timed(user),
    caller_waits: endsAs(user, readOwn("waits_for_bye")),
    gateway_waits: read("callee"),
    gateway_ends: timed(readOwn("gateway_ends")),
  };
  for (const [name, xml] of Object.entries(scenarios)) writeFileSync(join(directory, `${name}.xml`), xml);
}

/** SIPp on `host`; `towards`: a service address, or nothing for a gateway. `more`: its further options. */
export function sipp(scene, host, scenario, { port, calls, towards, more = [] }) {
  const { network, directory } = scene;
  const address = network.address(host);
  const args = ["-sf", `${scenario}.xml`, "-i", address, "-p", String(port), "-mi", address, "-m", String(calls), "-nostdin",
    "-trace_rtt", "-trace_err", "-rtt_freq", "1", "-timeout", "150s", "-timeout_error", ...more, ...(towards ? [`${towards}:${SIP_PORT}`] : [])];
  return scene.add(new Program(`sipp ${scenario} on ${host}`, network.spawn(host, "sipp", args, { cwd: directory })));
}

/** Times of all timed BYEs in ms, sorted. */
export const byeTimes = (directory) =>
  readdirSync(directory).filter((name) => name.endsWith("_rtt.csv"))
    .flatMap((name) => readFileSync(join(directory, name), "latin1").trim().split("\n").slice(1))
    .map((line) => Number(line.split(";")[1])).filter(Number.isFinite).sort((a, b) => a - b);
