// The usual stage of a browser's call: an edge with proxy and relay, a browser, and a trunk with a voice of its own.
import { setTimeout as sleep } from "node:timers/promises";
import { Baresip } from "./baresip.mjs";
import { Browser } from "./browser.mjs";
import { startCapture } from "./capture.mjs";
import { mediaPorts, startProxy, startRelay, USERS, WEB_PORT } from "./causeway.mjs";
import { MELODIES, requireMelody } from "./melody.mjs";
import { until } from "./process.mjs";
import { onStage } from "./scene.mjs";

export const TALK_MS = 4500;
export const TRUNK_NUMBER = "600";

const trunkToml = (address, transport, more) => `[[trunk]]\nname = "carrier"\nhost = "${address}"\ntransport = "${transport}"\n${more}\n`;
const ROUTE = `[[route]]\nname = "all"\nmatch = "default"\ntrunks = ["carrier"]\n`;

/**
 * transport: to the trunk; trunk: more lines of its [[trunk]] table; account: of baresip's account; relayFlags: of causeway-relay;
 * answers: whether the trunk answers by itself; media: what starts the relay; carrier: what starts another trunk, of the
 * scene so far.
 */
export function onBridge({ hosts = [], transport = "udp", trunk = "", account = "", answers = true, modules = [], relayFlags = [], browser = {}, proxy = {}, media = startRelay, carrier }, play) {
  return onStage(["edge", "trunk", "browser", ...hosts], async (scene) => {
    const { network, directory, add } = scene;
    scene.edge = network.address("edge");
    scene.relay = add(await media(network, "edge", { flags: relayFlags }));
    scene.proxy = add(await startProxy(network, "edge", directory, { trunks: trunkToml(network.address("trunk"), transport, trunk), routes: ROUTE, ...(typeof proxy === "function" ? proxy(scene) : proxy) }));
    const mode = answers ? ";answermode=auto" : "";
    const baresip = () => new Baresip(network, "trunk", directory, { user: TRUNK_NUMBER, melody: MELODIES.trunk, account: `${mode}${account}`, modules }).start();
    scene.trunk = add(await (carrier ?? baresip)(scene));
    scene.browser = add(await Browser.launch({ network, host: "browser", directory, melody: MELODIES.browser, ...browser }));
    await scene.browser.open(`https://${network.address("edge")}:${WEB_PORT}/`, { user: USERS[0].name, password: USERS[0].password });
    await play(scene);
  });
}

/** Both ends have to hear the other's melody. */
export async function requireBothWays({ browser, trunk }) {
  requireMelody(await browser.heard(), MELODIES.trunk, { what: "what the browser heard" });
  requireMelody(trunk.heard(), MELODIES.browser, { what: "what the trunk heard" });
}

export const portsFreed = (network, timeout = 5000) =>
  until("the relay has closed its media ports", () => mediaPorts(network, "edge") === 0, { timeout });

/** The browser calls the trunk, both are heard, nothing is left; gives the figures that the page showed. */
export async function talk(scene) {
  const { browser, trunk, network } = scene;
  await browser.dial(TRUNK_NUMBER);
  await browser.call("talking");
  await browser.startRecording();
  await sleep(TALK_MS);
  const figures = await browser.figures();
  await browser.hangUp();
  await trunk.event("CALL_CLOSED");
  await requireBothWays(scene);
  await portsFreed(network);
  return figures;
}

/** The other way round: the trunk calls `uri`, which is the browser's user, and hangs up. */
export async function talkIncoming(scene, uri = `sip:${USERS[0].name}@${scene.edge}`) {
  const { browser, trunk, network } = scene;
  await trunk.dial(uri);
  await browser.call("ringing");
  await browser.answer();
  await browser.call("talking");
  await browser.startRecording();
  await sleep(TALK_MS);
  await trunk.hangUp();
  await browser.call("idle");
  await requireBothWays(scene);
  await portsFreed(network);
}

/** A call, by `how`, with a look at what edge and trunk sent each other: requireOfPackets(packets, edge, trunk), addresses. */
export const talkWatched = (requireOfPackets, how = talk) => async (scene) => {
  const { network, directory, edge, add } = scene;
  const capture = add(await startCapture(network, "trunk", directory));
  const result = await how(scene);
  await capture.stop();
  requireOfPackets(capture.packets(), edge, network.address("trunk"));
  return result;
};
