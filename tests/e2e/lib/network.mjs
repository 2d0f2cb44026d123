// Hosts of one test: a network namespace each, joined by bridges in one of their own. Nothing leaves this machine.
import { execFileSync, spawn } from "node:child_process";

const ip = (...args) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });

const FIRST_NETWORK = 77;
const FIRST_HOST = 2;

/** Addresses of a private host and its router, on the link of that number. */
const privateLink = (number) => ({ router: `192.168.${77 + number}.1`, host: `192.168.${77 + number}.2` });

export class Network {
  #prefix;
  #subnet;
  #networks = 0;
  #hosts = new Map(); // {network, number}
  #private = new Map();

  /** `hosts`: names; each gets 10.77.<subnet>.<n> and fd77:<subnet>::<n> on eth0. */
  constructor(hosts, { subnet = 10 + (process.pid % 200) } = {}) {
    this.#prefix = `cw${process.pid}`;
    this.#subnet = subnet;
    ip("netns", "add", this.#switch);
    this.addNetwork(hosts);
  }

  /** One more network, 10.78.<subnet>.0/24 and so on, with hosts of its own; no way leads from one to another. */
  addNetwork(hosts) {
    const network = FIRST_NETWORK + this.#networks++;
    ip("-n", this.#switch, "link", "add", `br${network}`, "type", "bridge");
    ip("-n", this.#switch, "link", "set", `br${network}`, "up");
    for (const host of hosts) this.#addHost(host, network);
  }

  get #switch() {
    return `${this.#prefix}-switch`;
  }

  namespace(host) {
    return `${this.#prefix}-${host}`;
  }

  address(host) {
    if (this.#private.has(host)) return this.#private.get(host);
    const { network, number } = this.#hosts.get(host);
    return `10.${network}.${this.#subnet}.${number}`;
  }

  address6(host) {
    const { network, number } = this.#hosts.get(host);
    return `fd${network}:${this.#subnet}::${number}`;
  }

  #addHost(host, network) {
    const namespace = this.namespace(host);
    const number = FIRST_HOST + this.#hosts.size;
    this.#hosts.set(host, { network, number });
    ip("netns", "add", namespace);
    // Without duplicate address detection an interface is what it will be at once: Chromium drops what it loads on a change.
    this.run(host, "sh", ["-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad"]);
    ip("-n", namespace, "link", "set", "lo", "up");
    ip("link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", `p${number}`, "netns", this.#switch);
    ip("-n", this.#switch, "link", "set", `p${number}`, "master", `br${network}`, "up");
    ip("-n", namespace, "addr", "add", `${this.address(host)}/24`, "dev", "eth0");
    ip("-n", namespace, "addr", "add", `${this.address6(host)}/64`, "dev", "eth0", "nodad");
    ip("-n", namespace, "link", "set", "eth0", "up");
  }

  /** A host with a private address alone; `router`, a host already there, hides it behind its own address and other ports. */
  addBehindNat(host, router) {
    const link = privateLink(0);
    this.#addPrivateHost(host, link.host);
    this.#linkToRouter(host, "eth0", link, router);
    ip("-n", this.namespace(host), "route", "add", "default", "via", link.router);
    this.run(router, "iptables", ["-t", "nat", "-A", "POSTROUTING", "-p", "udp", "-o", "eth0", "-j", "MASQUERADE", "--to-ports", "20000-40000", "--random"]);
    this.run(router, "iptables", ["-A", "FORWARD", "-i", "eth0", "-m", "conntrack", "--ctstate", "NEW", "-j", "DROP"]);
  }

  /**
   * A host with a private address towards each of `routers`, hosts already there, of which every one lends it its own
   * address: 1:1 NAT, all ports, both ways. Gives what the host binds to and what others see, in the order of `routers`.
   */
  addBehindOneToOneNat(host, routers) {
    this.#addPrivateHost(host, privateLink(1).host);
    return routers.map((router, index) => {
      const link = privateLink(1 + index);
      this.#linkToRouter(host, `eth${index}`, link, router);
      const advertised = this.address(router);
      ip("-n", this.namespace(host), "route", "add", advertised.replace(/\d+$/, "0/24"), "via", link.router);
      const translate = (...rule) => this.run(router, "iptables", ["-t", "nat", "-A", ...rule]);
      translate("PREROUTING", "-i", "eth0", "-d", advertised, "-j", "DNAT", "--to-destination", link.host);
      translate("POSTROUTING", "-o", "eth0", "-s", link.host, "-j", "SNAT", "--to-source", advertised);
      return { bind: link.host, advertised };
    });
  }

  #addPrivateHost(host, address) {
    this.#private.set(host, address);
    ip("netns", "add", this.namespace(host));
    ip("-n", this.namespace(host), "link", "set", "lo", "up");
  }

  /** The router forwards whatever it gets, also from an address that is not of this link. */
  #linkToRouter(host, name, addresses, router) {
    const [inside, outside] = [this.namespace(host), this.namespace(router)];
    ip("link", "add", name, "netns", inside, "type", "veth", "peer", "name", "lan0", "netns", outside);
    ip("-n", inside, "addr", "add", `${addresses.host}/24`, "dev", name);
    ip("-n", inside, "link", "set", name, "up");
    ip("-n", outside, "addr", "add", `${addresses.router}/24`, "dev", "lan0");
    ip("-n", outside, "link", "set", "lan0", "up");
    const settings = "echo 1 > ip_forward; for file in conf/*/rp_filter; do echo 0 > $file; done";
    this.run(router, "sh", ["-c", `cd /proc/sys/net/ipv4; ${settings}`]);
  }

  /** Lets programs on `host` listen on addresses that it does not hold yet. */
  allowForeignAddresses(host) {
    this.run(host, "sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind"]);
  }

  /** Gives a service address to `to`, and takes it from `from`, if given; every host asks anew who has it. */
  moveAddress(address, { from, to }) {
    if (from) this.dropAddress(address, from);
    ip("-n", this.namespace(to), "addr", "add", `${address}/32`, "dev", "eth0");
    for (const host of this.#hosts.keys()) ip("-n", this.namespace(host), "neigh", "flush", "to", address);
  }

  dropAddress(address, host) {
    ip("-n", this.namespace(host), "addr", "del", `${address}/32`, "dev", "eth0");
  }

  /** Takes the cable out, or puts it back. */
  setLink(host, up) {
    ip("-n", this.namespace(host), "link", "set", "eth0", up ? "up" : "down");
  }

  spawn(host, command, args, options = {}) {
    return spawn("ip", ["netns", "exec", this.namespace(host), command, ...args], options);
  }

  run(host, command, args, options = {}) {
    return execFileSync("ip", ["netns", "exec", this.namespace(host), command, ...args], { encoding: "utf8", ...options });
  }

  destroy() {
    for (const host of [...this.#private.keys(), ...this.#hosts.keys(), "switch"]) {
      try {
        ip("netns", "del", this.namespace(host));
      } catch {
        // it was never made
      }
    }
  }
}
