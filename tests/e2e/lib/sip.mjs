// SIP messages as text, read and written, and digest, RFC 3261 §7 and RFC 7616, for peers that a test plays itself.
import { createHash, randomBytes } from "node:crypto";

/** A message in parts: {start, status (0 of a request), method, get(name), all(name), body}. */
export function parseSip(bytes) {
  const text = bytes.toString("latin1");
  const [head, ...body] = text.split("\r\n\r\n");
  const [start, ...lines] = head.split("\r\n");
  const fields = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
  const all = (name) => fields.filter(([field]) => field === name).map(([, value]) => value);
  const status = Number(start.match(/^SIP\/2\.0 (\d+)/)?.[1] ?? 0);
  return { start, status, method: start.split(" ")[0], all, get: (name) => all(name)[0] ?? "", body: body.join("\r\n\r\n") };
}

export const composeSip = (start, fields, body = "") =>
  [start, ...fields, ...(body ? ["Content-Type: application/sdp"] : []), `Content-Length: ${body.length}`, "", body].join("\r\n");

/** What every response takes over from its request, RFC 3261 §8.2.6.2; a To without a tag gets `tag`. */
export function responseFields(request, tag) {
  const to = request.get("to");
  return [
    ...request.all("via").map((value) => `Via: ${value}`),
    ...request.all("record-route").map((value) => `Record-Route: ${value}`),
    `From: ${request.get("from")}`,
    `To: ${/;tag=/.test(to) ? to : `${to};tag=${tag}`}`,
    `Call-ID: ${request.get("call-id")}`,
    `CSeq: ${request.get("cseq")}`,
  ];
}

/** A parameter of a challenge or of credentials, quoted or not. */
export const authParam = (value, name) => value.match(new RegExp(`[ ,]${name}="?([^",]*)`))?.[1] ?? "";

/** The `response` that proves a password, RFC 7616 §3.4.1, with MD5 and qop "auth". */
export function digestResponse({ user, realm, password, method, uri, nonce, nc, cnonce }) {
  const md5 = (text) => createHash("md5").update(text).digest("hex");
  return md5([md5(`${user}:${realm}:${password}`), nonce, nc, cnonce, "auth", md5(`${method}:${uri}`)].join(":"));
}

/** Credentials for one of `challenges` (values of WWW- or Proxy-Authenticate), the first with MD5: the value of the field. */
export function digestCredentials(challenges, { user, password, method, uri }) {
  const challenge = challenges.find((value) => !/algorithm=(?!MD5\b)/i.test(value));
  const [realm, nonce] = [authParam(challenge, "realm"), authParam(challenge, "nonce")];
  const [nc, cnonce] = ["00000001", randomBytes(6).toString("hex")];
  const response = digestResponse({ user, realm, password, method, uri, nonce, nc, cnonce });
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
    `algorithm=MD5, cnonce="${cnonce}", nc=${nc}, qop=auth, opaque="${authParam(challenge, "opaque")}"`;
}

/** True if `credentials` answer the challenge with `nonce` for the request with this start line and method. */
export function isProven(credentials, { start, method, user, realm, password, nonce }) {
  if (authParam(credentials, "nonce") !== nonce) return false;
  const uri = start.split(" ")[1];
  const [nc, cnonce] = [authParam(credentials, "nc"), authParam(credentials, "cnonce")];
  const expected = digestResponse({ user, realm, password, method, uri, nonce, nc, cnonce });
  return authParam(credentials, "uri") === uri && authParam(credentials, "response") === expected;
}

/** The URI of a name-addr or addr-spec, and where it is: {uri, address, port}. */
export function placeOf(value) {
  const uri = value.match(/<([^>]+)>/)?.[1] ?? value.split(";")[0];
  const [, address, port] = uri.match(/^sips?:(?:[^@]*@)?([^:;?]+)(?::(\d+))?/);
  return { uri, address, port: Number(port ?? 5060) };
}
