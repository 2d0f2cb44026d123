// A proxy takes a changed configuration over while calls and connections go on.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { makeCertificate, startProxy } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";
import { onStage } from "../e2e/lib/scene.mjs";

const TLS_PORT = 5061;
const WSS_PORT = 8443;
const fingerprintOf = (pem) => new X509Certificate(pem).fingerprint256;

/** OpenSSL's own client, for as long as its standard input is open; it prints the certificate it was shown. */
class TlsPeer extends Program {
  #sent = 0;

  constructor(network, host, server, port) {
    super(`openssl to port ${port}`, network.spawn(host, "openssl", ["s_client", "-connect", `${server}:${port}`, "-ign_eof"]));
    this.server = server;
  }

  async certificate() {
    await this.says("-----END CERTIFICATE-----");
    return fingerprintOf(this.output.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/)[0]);
  }

  /** Asks the proxy what it can, over this connection, and waits for its word. */
  async ask() {
    const number = ++this.#sent;
    this.child.stdin.write([`OPTIONS sip:${this.server} SIP/2.0`, `Via: SIP/2.0/TLS ${this.server}:9;branch=z9hG4bK${number}`,
      "From: <sip:a@reload.example>;tag=1", `To: <sip:${this.server}>`, `Call-ID: reload-${this.child.pid}`, `CSeq: ${number} OPTIONS`,
      "Max-Forwards: 70", "Content-Length: 0", "", ""].join("\r\n"));
    await until(`OPTIONS ${number} is answered`, () => this.output.includes(`CSeq: ${number} OPTIONS`));
    assert.match(this.output, /SIP\/2\.0 200 /);
  }
}

test("certificates at a new path are shown to who connects, and nobody who is connected notices", { timeout: 60_000 }, () =>
  onStage(["edge", "phone"], async ({ network, directory, add }) => {
    const address = network.address("edge");
    const proxy = add(await startProxy(network, "edge", directory));
    const reload = async (configuration, event) => {
      const before = proxy.output.split(event).length;
      writeFileSync(proxy.file, configuration);
      proxy.child.kill("SIGHUP");
      await until(`the proxy says ${event}`, () => proxy.output.split(event).length > before);
    };
    const peer = (port) => add(new TlsPeer(network, "phone", address, port));

    const early = peer(TLS_PORT);
    const first = await early.certificate();
    await early.ask();

    const renewed = makeCertificate(directory, address, { file: "renewed" });
    const before = readFileSync(proxy.file, "utf8");
    const after = before.replace(/^certificate = .*$/gm, `certificate = "${renewed.certificate}"`).replace(/^key = .*$/gm, `key = "${renewed.key}"`);
    assert.notEqual(after, before);
    await reload(after, "proxy.reloaded");
    assert.doesNotMatch(proxy.output, /proxy\.restart_needed/);
    const second = fingerprintOf(readFileSync(renewed.certificate, "utf8"));
    assert.notEqual(second, first);
    assert.equal(await peer(TLS_PORT).certificate(), second);
    assert.equal(await peer(WSS_PORT).certificate(), second);
    await early.ask();

    writeFileSync(renewed.certificate, "no certificate");
    await reload(after, "proxy.reload_refused");
    assert.match(proxy.output, /proxy\.reload_refused.*renewed\.pem/);
    const late = peer(TLS_PORT);
    assert.equal(await late.certificate(), second);
    await late.ask();
    await early.ask();
  }));
