// The real binaries in a namespace of their own, configured as an operator would.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program, until } from "./process.mjs";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const BIN = process.env.CAUSEWAY_BIN ?? join(ROOT, "build/release/bin");
export const NG_PORT = 2223;
export const RELAY_HTTP_PORT = 8081;
export const PROXY_ADMIN_PORT = 8080;
export const WEB_PORT = 8443;
export const USERS = [
  { name: "alice", password: "alice-secret" },
  { name: "bob", password: "bob-secret" },
];

/** `causeway-relay` started from flags alone. */
export async function startRelay(network, host, { flags = [], addresses = [network.address(host)] } = {}) {
  const relay = new Program("causeway-relay", network.spawn(host, join(BIN, "causeway-relay"), [
    "--foreground",
    ...addresses.map((address) => `--interface=${address}`),
    `--listen-ng=127.0.0.1:${NG_PORT}`,
    `--listen-http=127.0.0.1:${RELAY_HTTP_PORT}`,
    ...flags,
  ]));
  await until("causeway-relay is healthy", () => {
    if (relay.exited) throw new Error(`causeway-relay exited (${relay.code}):\n${relay.output}`);
    return fetchText(network, host, `http://127.0.0.1:${RELAY_HTTP_PORT}/healthz`);
  });
  return relay;
}

/** Body of an admin resource, undefined while nobody answers. */
export function fetchText(network, host, url) {
  try {
    return network.run(host, "curl", ["-fsS", "-m", "2", url], { stdio: ["ignore", "pipe", "ignore"] }) || "ok";
  } catch {
    return undefined;
  }
}

/** Value of one metric, summed over its labels, or over those that `name` leaves open (`name{label="value"`); 0 if it is not there. */
export function metric(network, host, port, name) {
  const text = fetchText(network, host, `http://127.0.0.1:${port}/metrics`) ?? "";
  return text.split("\n").filter((line) => line.startsWith(name) && /^[{, ]/.test(line.slice(name.length))).reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** UDP ports that the relay holds open for media right now. */
export function mediaPorts(network, host) {
  return network.run(host, "ss", ["-Hulnp"]).split("\n").filter((line) => line.includes("causeway-relay") && !line.includes(`:${NG_PORT} `)).length;
}

export function makeCertificate(directory, name, { kind = "IP", file = "server" } = {}) {
  const key = join(directory, `${file}.key`);
  const certificate = join(directory, `${file}.pem`);
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", `/CN=${name}`, "-addext", `subjectAltName=${kind}:${name}`, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  return { key, certificate };
}

/** `causeway-proxy` from a TOML file; `trunks` and `routes` are TOML text, `address` is its domain and where it listens. */
export async function startProxy(network, host, directory, { trunks = "", routes = "", extra = "", address = network.address(host), replace = (toml) => toml } = {}) {
  const home = join(directory, "proxy");
  mkdirSync(home, { recursive: true });
  const { key, certificate } = makeCertificate(home, address);
  const file = join(home, "proxy.toml");
  const toml = readFileSync(join(ROOT, "tests/e2e/proxy.toml.in"), "utf8")
    .replaceAll("@ADDRESS@", address)
    .replaceAll("@STATE@", home)
    .replaceAll("@KEY@", key)
    .replaceAll("@CERTIFICATE@", certificate)
    .replaceAll("@WEB_ROOT@", join(ROOT, "deploy/webphone/dist"));
  const users = USERS.map(({ name, password }) => `[[user]]\nname = "${name}"\npassword = "${password}"\n`).join("\n");
  writeFileSync(file, replace(`${toml}\n${users}\n${trunks}\n${routes}\n${extra}\n`));
  const proxy = new Program("causeway-proxy", network.spawn(host, join(BIN, "causeway-proxy"), ["--config", file]), { ending: "SIGINT" });
  await until("causeway-proxy is healthy", () => {
    if (proxy.exited) throw new Error(`causeway-proxy exited (${proxy.code}):\n${proxy.output}`);
    return fetchText(network, host, `http://127.0.0.1:${PROXY_ADMIN_PORT}/healthz`);
  });
  proxy.file = file;
  return proxy;
}
