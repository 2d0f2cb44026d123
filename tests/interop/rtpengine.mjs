// A stock rtpengine in userspace, where a test wants it in place of causeway-relay.
import { NG_PORT } from "../e2e/lib/causeway.mjs";
import { Program, until } from "../e2e/lib/process.mjs";

export async function startRtpengine(network, host) {
  const rtpengine = new Program("rtpengine", network.spawn(host, "rtpengine", [
    "--config-file=none", "--table=-1", "--foreground", "--log-stderr", "--log-level=6",
    `--interface=${network.address(host)}`, `--listen-ng=127.0.0.1:${NG_PORT}`, "--port-min=30000", "--port-max=30999",
  ]));
  await until("rtpengine listens", () => {
    if (rtpengine.exited) throw new Error(`rtpengine exited (${rtpengine.code}):\n${rtpengine.output}`);
    return network.run(host, "ss", ["-Huln", `sport = :${NG_PORT}`]).trim();
  });
  return rtpengine;
}
