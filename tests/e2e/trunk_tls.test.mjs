// A trunk over TLS with SDES: its certificate has to be valid for the trunk's domain, RFC 5922, and its media is SRTP on
// the wire.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Baresip } from "./lib/baresip.mjs";
import { onBridge, portsFreed, talkIncoming, talkWatched, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { startCapture } from "./lib/capture.mjs";
import { makeCertificate } from "./lib/causeway.mjs";
import { requireSrtp } from "./lib/eavesdropper.mjs";
import { MELODIES } from "./lib/melody.mjs";

const LIMIT = { timeout: 90_000 };
const DOMAIN = "trunk.example.net";
const TRUNK = `tls_name = "${DOMAIN}"\nsrtp = "sdes-required"\ncodecs = ["PCMU", "PCMA"]`;

/** A stage whose trunk shows a certificate for `name`, from an issuer that the proxy trusts or not. */
function onTlsBridge(name, { trusted = true } = {}, play) {
  const certificates = {};
  return onBridge({
    transport: "tls",
    trunk: TRUNK,
    proxy: ({ directory }) => {
      certificates.trunk = makeCertificate(directory, name, { kind: "DNS", file: "trunk" });
      certificates.other = makeCertificate(directory, name, { kind: "DNS", file: "other" });
      return { extra: `[tls]\nca = "${(trusted ? certificates.trunk : certificates.other).certificate}"\n` };
    },
    carrier: ({ network, directory }) => {
      const pem = join(directory, "trunk-with-key.pem");
      writeFileSync(pem, [certificates.trunk.certificate, certificates.trunk.key].map((file) => readFileSync(file)).join("\n"));
      return new Baresip(network, "trunk", directory, {
        user: TRUNK_NUMBER, melody: MELODIES.trunk, account: ";answermode=auto;mediaenc=srtp-mand", config: [`sip_certificate ${pem}`],
      }).start();
    },
  }, play);
}

test("calls over TLS with SDES are heard both ways, out and in, and by nobody on the wire", LIMIT, () =>
  onTlsBridge(DOMAIN, {}, async (scene) => {
    await talkWatched(requireSrtp)(scene);
    await talkWatched(requireSrtp, () => talkIncoming(scene, `sip:alice@${scene.edge}:5061;transport=tls`))(scene);
  }));

for (const [what, name, options] of [
  ["for another domain", "other.example.net", {}],
  ["from an issuer nobody trusts", DOMAIN, { trusted: false }],
]) {
  test(`no INVITE leaves for a trunk with a certificate ${what}, and the page is told`, LIMIT, () =>
    onTlsBridge(name, options, async ({ browser, trunk, proxy, network, directory, add }) => {
      const capture = add(await startCapture(network, "trunk", directory, "udp port 5060"));
      await browser.dial(TRUNK_NUMBER);
      await browser.call("idle");
      await browser.says(/50[03]/);
      assert.equal(trunk.events.length, 0, "the trunk hears of no call");
      assert.match(proxy.output, /trunk\.certificate_refused .*tls_name=trunk\.example\.net/);
      await capture.stop();
      assert.equal(capture.packets().length, 0, "nor does it in clear");
      await portsFreed(network);
    }));
}
