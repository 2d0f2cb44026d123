// Hosts of one test: a network namespace each, joined by a bridge in a namespace of its own. Nothing leaves this machine.
import { execFileSync, spawn } from "node:child_process";

const ip = (...args) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });

const PRIVATE = { router: "192.168.77.1", host: "192.168.77.2" };

export class Network {
  #prefix;
  #subnet;
  #hosts = new Map();
  #private = new Map();

  /** `hosts`: names; each gets 10.77.<subnet>.<n> and fd77:<subnet>::<n> on eth0. */
  constructor(hosts, { subnet = 10 + (process.pid % 200) } = {}) {
    this.#prefix = `cw${process.pid}`;
    this.#subnet = subnet;
    ip("netns", "add", this.#switch);
    ip("-n", this.#switch, "link", "add", "br0", "type", "bridge");
    ip("-n", this.#switch, "link", "set", "br0", "up");
    hosts.forEach((host, index) => this.#addHost(host, index + 2));
  }

  get #switch() {
    return `${this.#prefix}-switch`;
  }

  namespace(host) {
    return `${this.#prefix}-${host}`;
  }

  address(host) {
    return this.#private.get(host) ?? `10.77.${this.#subnet}.${this.#hosts.get(host)}`;
  }

  address6(host) {
    return `fd77:${this.#subnet}::${this.#hosts.get(host)}`;
  }

  #addHost(host, number) {
    const namespace = this.namespace(host);
    this.#hosts.set(host, number);
    ip("netns", "add", namespace);
    // Without duplicate address detection an interface is what it will be at once: Chromium drops what it loads on a change.
    this.run(host, "sh", ["-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad"]);
    ip("-n", namespace, "link", "set", "lo", "up");
    ip("link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", `p${number}`, "netns", this.#switch);
    ip("-n", this.#switch, "link", "set", `p${number}`, "master", "br0", "up");
    ip("-n", namespace, "addr", "add", `${this.address(host)}/24`, "dev", "eth0");
    ip("-n", namespace, "addr", "add", `${this.address6(host)}/64`, "dev", "eth0", "nodad");
    ip("-n", namespace, "link", "set", "eth0", "up");
  }

  /** A host with a private address alone; `router`, a host already there, hides it behind its own address and other ports. */
  addBehindNat(host, router) {
    const [inside, outside] = [this.namespace(host), this.namespace(router)];
    this.#private.set(host, PRIVATE.host);
    ip("netns", "add", inside);
    ip("link", "add", "eth0", "netns", inside, "type", "veth", "peer", "name", "lan0", "netns", outside);
    ip("-n", inside, "link", "set", "lo", "up");
    ip("-n", inside, "addr", "add", `${PRIVATE.host}/24`, "dev", "eth0");
    ip("-n", inside, "link", "set", "eth0", "up");
    ip("-n", outside, "addr", "add", `${PRIVATE.router}/24`, "dev", "lan0");
    ip("-n", outside, "link", "set", "lan0", "up");
    ip("-n", inside, "route", "add", "default", "via", PRIVATE.router);
    this.run(router, "sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
    this.run(router, "iptables", ["-t", "nat", "-A", "POSTROUTING", "-p", "udp", "-o", "eth0", "-j", "MASQUERADE", "--to-ports", "20000-40000", "--random"]);
    this.run(router, "iptables", ["-A", "FORWARD", "-i", "eth0", "-m", "conntrack", "--ctstate", "NEW", "-j", "DROP"]);
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
