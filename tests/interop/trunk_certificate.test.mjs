// Certificates of trunks, both ways, with OpenSSL's own client and server as the trunk.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startProxy } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";

const SUBJECT = "gw.carrier.example";
const openssl = (...args) => execFileSync("openssl", args, { stdio: "ignore" });
const newKey = (file) => ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file];

function makeAuthority(directory, name) {
  const key = join(directory, `${name}.key`);
  const certificate = join(directory, `${name}.pem`);
  openssl("req", "-x509", ...newKey(key), "-days", "2", "-subj", `/CN=${name}`, "-out", certificate);
  return { key, certificate };
}

/** A certificate by `authority` with the subject alternative names `names`. */
function issue(directory, authority, name, names) {
  const [key, request, extensions, certificate] = ["key", "csr", "ext", "pem"].map((end) => join(directory, `${name}.${end}`));
  writeFileSync(extensions, `subjectAltName=${names}\nextendedKeyUsage=clientAuth,serverAuth\n`);
  openssl("req", "-new", ...newKey(key), "-subj", `/CN=${SUBJECT}`, "-out", request);
  openssl("x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial", "-days", "2",
    "-extfile", extensions, "-out", certificate);
  return { key, certificate };
}

/** A bridge whose TLS listener asks for certificates, and what an INVITE for bob, who is away, is answered over TLS. */
function carrierScene(mode, play) {
  return onStage(["edge", "carrier"], async ({ network, directory, add }) => {
    const authority = makeAuthority(directory, "authority");
    const edge = network.address("edge");
    add(await startProxy(network, "edge", directory, {
      trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("carrier")}"\ntransport = "tls"\ntls_subjects = ["${SUBJECT}"]\n`,
      replace: (toml) => toml.replace(/(address = ".*:5061"\n)/, `$1client_ca = "${authority.certificate}"\nclient_certificate = "${mode}"\n`),
    }));
    let calls = 0;
    const invite = (transport) => [`INVITE sip:bob@${edge} SIP/2.0`, `Via: SIP/2.0/${transport} ${network.address("carrier")}:9;branch=z9hG4bK${++calls}`,
      "From: <sip:+4930@carrier.example>;tag=1", `To: <sip:bob@${edge}>`, `Call-ID: certificate-${calls}`, "CSeq: 1 INVITE",
      `Contact: <sip:gw@${network.address("carrier")}>`, "Max-Forwards: 70", "Content-Length: 0", "", ""].join("\r\n");
    const call = async (certificate) => {
      const args = certificate ? ["-cert", certificate.certificate, "-key", certificate.key] : [];
      const peer = add(new Program("openssl", network.spawn("carrier", "openssl", ["s_client", "-connect", `${edge}:5061`, "-ign_eof", ...args])));
      await sleep(300);
      peer.child.stdin.on("error", () => {}); // a peer that was turned away has closed it
      peer.child.stdin.write(invite("TLS"));
      await until("the call is answered or turned away", () => peer.exited || /SIP\/2\.0 [4-6]\d\d/.test(peer.output));
      return Number(peer.output.match(/SIP\/2\.0 ([4-6]\d\d)/)?.[1] ?? 0);
    };
    await play({ call, issue: (name, names, by = authority) => issue(directory, by, name, names), directory });
  });
}

const RECOGNISED = 480; // bob is not registered
const NOBODY = 407;
const TURNED_AWAY = 0;

test("the right certificate is the trunk, a wrong or missing one is nobody", { timeout: 60_000 }, () =>
  carrierScene("request", async ({ call, issue: make, directory }) => {
    assert.equal(await call(make("dns", `DNS:${SUBJECT}`)), RECOGNISED);
    assert.equal(await call(make("uri", `URI:sip:${SUBJECT},DNS:other.example`)), RECOGNISED);
    assert.equal(await call(make("other", "DNS:other.example")), NOBODY);
    assert.equal(await call(make("other-uri", `URI:sip:other.example,DNS:${SUBJECT}`)), NOBODY);
    assert.equal(await call(make("wildcard", "DNS:*.carrier.example")), NOBODY);
    assert.equal(await call(), NOBODY);
    const stranger = makeAuthority(directory, "stranger");
    assert.equal(await call(make("forged", `DNS:${SUBJECT}`, stranger)), TURNED_AWAY);
  }));

test("where certificates are required nobody connects without one", { timeout: 60_000 }, () =>
  carrierScene("require", async ({ call, issue: make }) => {
    assert.equal(await call(), TURNED_AWAY);
    assert.equal(await call(make("dns", `DNS:${SUBJECT}`)), RECOGNISED);
  }));

test("a server that is not the trunk's hears nothing", { timeout: 60_000 }, () =>
  onStage(["edge", "carrier"], async ({ network, directory, add }) => {
    const authority = makeAuthority(directory, "authority");
    const servers = [
      { name: "dns", names: `DNS:${SUBJECT}`, isOurs: true },
      { name: "uri", names: `URI:sip:${SUBJECT},DNS:other.example`, isOurs: true },
      { name: "other", names: "DNS:other.example", isOurs: false },
      { name: "other-uri", names: `URI:sip:other.example,DNS:${SUBJECT}`, isOurs: false },
      { name: "wildcard", names: "DNS:*.carrier.example", isOurs: false },
      { name: "forged", names: `DNS:${SUBJECT}`, isOurs: false, authority: makeAuthority(directory, "stranger") },
    ].map((server, index) => ({ ...server, port: 6000 + index }));
    for (const server of servers) {
      const { certificate, key } = issue(directory, server.authority ?? authority, server.name, server.names);
      server.program = add(new Program(`openssl as ${server.name}`, network.spawn("carrier", "openssl",
        ["s_server", "-accept", `${network.address("carrier")}:${server.port}`, "-cert", certificate, "-key", key, "-quiet"])));
    }
    await sleep(500);
    const proxy = add(await startProxy(network, "edge", directory, {
      trunks: servers.map(({ name, port }) => `[[trunk]]\nname = "${name}"\nhost = "${network.address("carrier")}"\nport = ${port}\n` +
        `transport = "tls"\ntls_name = "${SUBJECT}"\n[trunk.health]\nprobe_interval = "1s"\n`).join("\n"),
      extra: `[tls]\nca = "${authority.certificate}"\n`,
    }));
    const refusals = () => proxy.output.split("trunk.certificate_refused").length - 1;
    await until("every server was asked", () => servers.every(({ program, isOurs }) => !isOurs || program.output.includes("OPTIONS sip:")) && refusals() >= 4);
    for (const { name, program, isOurs } of servers) assert.equal(program.output.includes("SIP/2.0"), isOurs, `${name}: ${program.output}`);
  }));
