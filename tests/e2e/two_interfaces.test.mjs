// An edge between two networks that know nothing of each other, behind 1:1 NAT towards both: the relay's interface
// `public` is the browser's, `inside` is the trunk's, and each side is told of its own, by the address that reaches it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Baresip } from "./lib/baresip.mjs";
import { talk, talkIncoming, TRUNK_NUMBER } from "./lib/bridge_scene.mjs";
import { Browser } from "./lib/browser.mjs";
import { sdpsFrom, startCapture } from "./lib/capture.mjs";
import { startProxy, startRelay, USERS, WEB_PORT } from "./lib/causeway.mjs";
import { MELODIES } from "./lib/melody.mjs";
import { isRtp } from "./lib/rtp.mjs";
import { onStage } from "./lib/scene.mjs";
import { parseSip } from "./lib/sip.mjs";

const LIMIT = { timeout: 90_000 };
const FEWEST = 100; // packets of RTP that make a judgement worth something

/** `[[listen]]` tables with another address to bind to: browsers come from outside, everybody else from inside. */
const bindWhereTheySit = (outside, inside) => (toml) =>
  toml.replace(/^transport = "(\w+)"\naddress = ".*:(\d+)"$/gm, (_, transport, port) => {
    const { bind, advertised } = transport === "wss" ? outside : inside;
    return `transport = "${transport}"\naddress = "${bind}:${port}"\nadvertised = "${advertised}:${port}"`;
  });

/** `trunk`, `route`: more lines of these tables. */
const proxyOptions = (network, outside, inside, { trunk = "", route = "" }) => ({
  address: outside.advertised,
  replace: bindWhereTheySit(outside, inside),
  trunks: `[[trunk]]\nname = "carrier"\nhost = "${network.address("trunk")}"\ncodecs = ["PCMU", "PCMA"]\n${trunk}\n`,
  routes: `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n${route}\n`,
});

function betweenNetworks(interfaces, play) {
  return onStage(["outer-router", "browser"], async (scene) => {
    const { network, directory, add } = scene;
    network.addNetwork(["inner-router", "trunk"]);
    const [outside, inside] = network.addBehindOneToOneNat("edge", ["outer-router", "inner-router"]);
    Object.assign(scene, { outside, inside });
    const addresses = [`public/${outside.bind}!${outside.advertised}`, `inside/${inside.bind}!${inside.advertised}`];
    add(await startRelay(network, "edge", { addresses }));
    add(await startProxy(network, "edge", directory, proxyOptions(network, outside, inside, interfaces)));
    const trunk = { user: TRUNK_NUMBER, melody: MELODIES.trunk, account: ";answermode=auto" };
    scene.trunk = add(await new Baresip(network, "trunk", directory, trunk).start());
    scene.browser = add(await Browser.launch({ network, host: "browser", directory, melody: MELODIES.browser }));
    const [{ name: user, password }] = USERS;
    await scene.browser.open(`https://${outside.advertised}:${WEB_PORT}/`, { user, password });
    await play(scene);
  });
}

/** No SDP of `sdps` names an IPv4 address but this one, in whatever line. */
function requireNamesOnly(sdps, address, whose) {
  assert.ok(sdps.length > 0, `${whose} got an SDP`);
  for (const sdp of sdps) {
    assert.deepEqual([...new Set(sdp.match(/\b\d+(\.\d+){3}\b/g))], [address], `what ${whose} got:\n${sdp}`);
  }
}

/** Who sends to `host` over UDP is this one alone, and it sends media. */
function requireHearsOnly(packets, host, address, whose) {
  const came = packets.filter(({ destination }) => destination === host);
  assert.deepEqual([...new Set(came.map(({ source }) => source))], [address], `whose packets reach ${whose}`);
  const media = came.filter(({ payload }) => isRtp(payload)).length;
  assert.ok(media >= FEWEST, `${media} of them are media`);
}

const sdpsIn = (messages) =>
  messages.map((text) => parseSip(Buffer.from(text)).body).filter((body) => body.startsWith("v=0"));

/** `call(scene)` is heard both ways, and no side learns of the other's address, from SDP or from packets. */
async function requireApart(scene, call) {
  const { network, directory, browser, inside, outside, add } = scene;
  const watch = async (host) => add(await startCapture(network, host, directory));
  const captures = { browser: await watch("browser"), trunk: await watch("trunk") };
  await call(scene);
  for (const capture of Object.values(captures)) await capture.stop();
  const at = { browser: captures.browser.packets(), trunk: captures.trunk.packets() };
  requireNamesOnly(sdpsIn(browser.received), outside.advertised, "the browser");
  requireNamesOnly(sdpsFrom(at.trunk, inside.advertised), inside.advertised, "the trunk");
  requireHearsOnly(at.browser, network.address("browser"), outside.advertised, "the browser");
  requireHearsOnly(at.trunk, network.address("trunk"), inside.advertised, "the trunk");
}

const ROUTE_NAMES_BOTH = { route: `caller_interface = "public"\ncallee_interface = "inside"` };
const TRUNK_NAMES_ITS_OWN = { trunk: `interface = "inside"` };

test("a call out: each side is told of its own interface's advertised address, and hears from no other", LIMIT, () =>
  betweenNetworks(ROUTE_NAMES_BOTH, (scene) => requireApart(scene, talk)));

test("the same where the trunk names its interface and the route none", LIMIT, () =>
  betweenNetworks(TRUNK_NAMES_ITS_OWN, (scene) => requireApart(scene, talk)));

test("a call in: the same, by the trunk's interface", LIMIT, () =>
  betweenNetworks(TRUNK_NAMES_ITS_OWN, (scene) =>
    requireApart(scene, () => talkIncoming(scene, `sip:${USERS[0].name}@${scene.inside.advertised}`))));
