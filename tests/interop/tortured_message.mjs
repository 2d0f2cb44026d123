// SIP messages as RFC 3261 §7.3.1 lets them be written, reduced to what they say.

const LONG = { i: "call-id", m: "contact", e: "content-encoding", l: "content-length", c: "content-type", f: "from", s: "subject", k: "supported", t: "to", v: "via" };
const LISTS = new Set(["via", "route", "record-route", "contact", "path"]);

/** What a proxy changes, RFC 3261 §16.6 and RFC 5393: compared apart, or not at all. */
const CHANGED = new Set(["via", "route", "record-route", "max-forwards", "max-breadth", "content-length"]);

/** Values of a list: commas outside of quotes and brackets part them. */
function split(text) {
  const values = [""];
  let quoted = false;
  let bracketed = false;
  for (let i = 0; i < text.length; ++i) {
    const letter = text[i];
    if (quoted && letter === "\\") {
      values[values.length - 1] += letter + (text[++i] ?? "");
      continue;
    }
    if (letter === '"') quoted = !quoted;
    if (!quoted && letter === "<") bracketed = true;
    if (!quoted && letter === ">") bracketed = false;
    if (letter === "," && !quoted && !bracketed) values.push("");
    else values[values.length - 1] += letter;
  }
  return values.map((value) => value.trim());
}

/** {start, status, fields: [[name, value]], all(name), get(name), body}; bytes as latin1. */
export function parseTortured(bytes) {
  const text = Buffer.from(bytes).toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [start, ...lines] = text.slice(0, end).replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const fields = lines.flatMap((line) => {
    const colon = line.indexOf(":");
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = LONG[written] ?? written;
    const value = line.slice(colon + 1).trim();
    return LISTS.has(name) ? split(value).map((one) => [name, one]) : [[name, value]];
  });
  const all = (name) => fields.filter(([field]) => field === name).map(([, value]) => value);
  const announced = Number(all("content-length")[0] ?? text.length);
  return {
    start, fields, all, get: (name) => all(name)[0] ?? "",
    status: Number(start.match(/^SIP\/2\.0 (\d{3})/)?.[1] ?? 0),
    body: text.slice(end + 4, end + 4 + announced),
  };
}

const withoutSource = (via) => via.replace(/;(received|rport)(=[^;]*)?/g, "").replace(/\s*([/;=])\s*/g, "$1").replace(/\s+/g, " ");
const unfolded = (text) => text.replace(/\s+/g, " ");

/** What the forwarded copy says that its original did not, or the other way round; nothing of it a proxy may change. */
export function differences(original, copy) {
  const [was, is] = [parseTortured(original), parseTortured(copy)];
  const found = [];
  const compare = (what, before, after) => {
    if (JSON.stringify(before) !== JSON.stringify(after)) found.push({ what, before, after });
  };
  const rest = ({ fields }) => fields.filter(([name]) => !CHANGED.has(name)).map(([name, value]) => `${name}: ${unfolded(value)}`);
  compare("method and version", was.start.replace(/ .* /, " "), is.start.replace(/ .* /, " "));
  compare("fields", rest(was), rest(is));
  compare("ways back", was.all("via").map(withoutSource), is.all("via").slice(1).map(withoutSource));
  compare("recorded routes", was.all("record-route"), is.all("record-route").slice(/^INVITE /.test(is.start) ? 1 : 0));
  compare("hops left", String(Math.max(Number(was.get("max-forwards") || 71) - 1, 0)), is.get("max-forwards"));
  compare("length", String(is.body.length), is.get("content-length"));
  compare("body", was.body, is.body);
  return found;
}
