// A stock Kamailio with its rtpengine module, in front of a causeway-relay on the same host.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NG_PORT, ROOT } from "../e2e/lib/causeway.mjs";
import { Program } from "../e2e/lib/process.mjs";

export function startKamailio({ network, directory, add }, offerFlags, answerFlags) {
  const file = join(directory, "kamailio.cfg");
  writeFileSync(file, readFileSync(join(ROOT, "tests/interop/kamailio.cfg.in"), "utf8")
    .replaceAll("@ADDRESS@", network.address("edge"))
    .replaceAll("@TRUNK@", network.address("trunk"))
    .replaceAll("@NG_PORT@", String(NG_PORT))
    .replaceAll("@OFFER_FLAGS@", offerFlags)
    .replaceAll("@ANSWER_FLAGS@", answerFlags));
  return add(new Program("kamailio", network.spawn("edge", "kamailio", ["-DD", "-E", "-f", file, "-Y", directory, "-P", join(directory, "kamailio.pid"), "-m", "32", "-M", "4"])));
}
