// The stage of every scene: two proxies with a service address each, two relays, a telephone, two gateways, a stranger.
// A node that is killed or frozen loses its service addresses to the other one a second later, as keepalived would do.
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeCertificate, metric, NG_PORT, RELAY_HTTP_PORT, startProxy, startRelay } from "../../e2e/lib/causeway.mjs";
import { onStage } from "../../e2e/lib/scene.mjs";
import { Caller } from "./caller.mjs";
import { StreamLink, UdpLink } from "./links.mjs";
import { Trunk } from "./trunk.mjs";

export const TAKEOVER_MS = 1000;
export const FREEZE_MS = 5000;
const WAKING_MS = 2000;
const NODES = ["north", "south"];
const RELAYS = ["relay1", "relay2"];
const TEARDOWN_PORT = 2224;

/**
 * Numbers: 6.. goes to the first gateway, 7.. to the first and then the second, 8.. to the second; 40. and 41. to others
 * that a scene may put on the first one's host.
 */
export const MORE_GATEWAYS = { 400: 5070, 410: 5080 };
const ROUTES = [["6XX", `["first"]`], ["7XX", `["first", "second"]`], ["8XX", `["second"]`], ["40X", `["of 400"]`], ["41X", `["of 410"]`]]
  .map(([match, trunks]) => `[[route]]\nname = "to ${match}"\nmatch = "${match}"\ntrunks = ${trunks}\n`).join("\n");

const trunkToml = (name, address, more = "") => `[[trunk]]\nname = "${name}"\nhost = "${address}"\n${more}\n`;

/** The listeners of one address, once for each service address. */
function onServices(toml, services) {
  const first = toml.indexOf("[[listen]]");
  const end = toml.indexOf("[relay]");
  const listeners = toml.slice(first, end);
  return toml.slice(0, first) + services.map((address) => listeners.replaceAll(services[0], address)).join("") + toml.slice(end);
}

export class Pair {
  /** Who holds which service address: `services[i]` belongs to `NODES[i]` at first. */
  holders = [...NODES];
  nodes = {};
  relays = {};

  /** demands: {user, password} that the first gateway wants; sealed: it is spoken to over TLS. */
  constructor(scene, { demands, sealed = false } = {}) {
    const { network } = scene;
    Object.assign(this, { scene, network, extra: "" });
    this.services = [201, 202].map((last) => network.address(NODES[0]).replace(/\d+$/, String(last)));
    this.first = demands ? `username = "${demands.user}"\npassword = "${demands.password}"` : "";
    if (!sealed) return;
    this.certificate = makeCertificate(scene.directory, network.address("trunk"), { file: "trunk" });
    this.first = `transport = "tls"`;
    this.extra = `[tls]\nca = "${this.certificate.certificate}"\n`;
  }

  async start() {
    const { network, services } = this;
    this.secret = join(this.scene.directory, "pair.secret");
    writeFileSync(this.secret, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
    for (const host of NODES) network.allowForeignAddresses(host);
    services.forEach((address, i) => network.moveAddress(address, { to: NODES[i] }));
    await Promise.all(RELAYS.map((host) => this.startRelay(host)));
    await Promise.all(NODES.map((host) => this.startNode(host)));
    return this;
  }

  async startRelay(host) {
    const { network } = this;
    const peers = [...NODES, ...RELAYS].map((name) => network.address(name));
    const flags = [`--listen-ng=${network.address(host)}:${NG_PORT}`, ...peers.map((address) => `--ng-peer=${address}`)];
    this.relays[host] = this.scene.add(await startRelay(network, host, { flags }));
  }

  async startNode(host) {
    const { network, services } = this;
    const home = join(this.scene.directory, host);
    mkdirSync(home, { recursive: true });
    const control = RELAYS.map((name) => `"${network.address(name)}:${NG_PORT}"`).join(", ");
    this.nodes[host] = this.scene.add(await startProxy(network, host, home, {
      address: services[0],
      trunks: trunkToml("first", network.address("trunk"), this.first) + trunkToml("second", network.address("second")) +
        Object.entries(MORE_GATEWAYS).map(([number, port]) => trunkToml(`of ${number}`, network.address("trunk"), `port = ${port}`)).join(""),
      routes: ROUTES,
      extra: this.extra,
      replace: (toml) => onServices(toml, services)
        .replace(/^domains = .*$/m, `domains = ["${services.join('", "')}"]`)
        .replace(/^secret_file = .*$/m, `secret_file = "${this.secret}"`)
        .replace(/^control = .*$/m, `control = [${control}]\nallow_control_in_clear = true`)
        .replace(/^teardown_listen = .*$/m, `teardown_listen = "${services[0]}:${TEARDOWN_PORT}"`),
    }));
  }

  holderOf = (service) => this.holders[this.services.indexOf(service)];
  other = (host) => NODES.find((name) => name !== host);

  /** Everything that `host` holds goes to the other node, after the time that keepalived takes to notice. */
  async takeOver(host) {
    await sleep(TAKEOVER_MS);
    this.services.forEach((service, i) => {
      if (this.holders[i] === host) this.move(service, this.other(host));
    });
  }

  move(service, to) {
    this.network.moveAddress(service, { from: this.holderOf(service), to });
    this.holders[this.services.indexOf(service)] = to;
  }

  async kill(host) {
    await this.nodes[host].stop("SIGKILL");
    await this.takeOver(host);
  }

  freeze(host) {
    this.nodes[host].child.kill("SIGSTOP");
  }

  thaw(host) {
    this.nodes[host].child.kill("SIGCONT");
  }

  /** SIGSTOP, its addresses moved, and SIGCONT when five seconds are over. */
  async pause(host) {
    this.freeze(host);
    await this.takeOver(host);
    await sleep(FREEZE_MS - TAKEOVER_MS);
    this.thaw(host);
  }

  /** The whole machine sleeps for five seconds; when it wakes it believes for two more that its addresses are its own. */
  async sleepwalk(host) {
    const { network } = this;
    this.freeze(host);
    network.setLink(host, false);
    await sleep(TAKEOVER_MS);
    const lost = this.services.filter((service) => this.holderOf(service) === host);
    for (const service of lost) network.moveAddress(service, { to: this.other(host) });
    await sleep(FREEZE_MS - TAKEOVER_MS);
    network.setLink(host, true);
    this.thaw(host);
    await sleep(WAKING_MS);
    for (const service of lost) network.dropAddress(service, host);
    this.holders = this.holders.map((holder) => (holder === host ? this.other(host) : holder));
  }

  /** "kill", "stop" or "sleep": what happens to `host`. */
  async harm(how, host) {
    if (how === "kill") await this.kill(host);
    if (how === "stop") await this.pause(host);
    if (how === "sleep") await this.sleepwalk(host);
  }

  callsOf = (relay) => metric(this.network, relay, RELAY_HTTP_PORT, "relay_calls");
  relayCalls = () => RELAYS.reduce((sum, host) => sum + this.callsOf(host), 0);
  busyRelay = () => RELAYS.find((host) => this.callsOf(host) > 0);
}

/**
 * Runs play(scene) with scene.pair, scene.caller and scene.trunk, scene.second (played by `trunk` and `second`, options of
 * Trunk). `transport`: the telephone's, which registers over TCP; pair: of Pair; without `gateways`
 * the scene brings its own parties.
 */
export function onPair({ hosts = [], transport = "udp", gateways = true, trunk, second, pair }, play) {
  return onStage([...NODES, ...RELAYS, "phone", "trunk", "second", "stranger", ...hosts], async (scene) => {
    const { network, add } = scene;
    scene.pair = await new Pair(scene, pair).start();
    if (!gateways) return play(scene);
    const link = transport === "tcp" ? new StreamLink(network, "phone", "tcp") : new UdpLink(network, "phone");
    scene.caller = add(new Caller("phone", link));
    scene.trunk = add(new Trunk("first gateway", new UdpLink(network, "trunk"), trunk));
    scene.second = add(new Trunk("second gateway", new UdpLink(network, "second"), second));
    await Promise.all([scene.caller, scene.trunk, scene.second].map((party) => party.start()));
    if (transport === "tcp") await scene.caller.register(scene.pair.services[0]);
    return play(scene);
  });
}
