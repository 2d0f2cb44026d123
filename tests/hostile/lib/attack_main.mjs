// One attacking process, run inside a namespace: `node attack_main.mjs JOB`, JOB being JSON:
//   {"seed": 1, "seconds": 60, "targets": [{"name", "transport", "address", "ports", "rate", "samples", "about"}]}
// Ends by itself and prints what was done, by name of target.
import { StreamAttacker, UdpAttacker } from "./attackers.mjs";
import { Mutator } from "./mutator.mjs";
import { Random } from "./random.mjs";
import { mediaSamples } from "./samples_media.mjs";
import { browserSdp, httpSamples, ngSamples, sdesSdp, trunkSdp } from "./samples_ng.mjs";
import { sipSamples } from "./samples_sip.mjs";

const SAMPLES = {
  ng: () => ngSamples(),
  http: () => httpSamples(),
  media: ({ ssrcs }) => mediaSamples(ssrcs),
  sip: ({ domain }) => sipSamples(domain, [trunkSdp, browserSdp, sdesSdp]),
};

const { seed, seconds, targets } = JSON.parse(process.argv[2]);
const random = new Random(seed);
const attackers = targets.map((target) => {
  const mutator = new Mutator(random.fork(target.name), SAMPLES[target.samples](target.about ?? {}));
  return [target.name, target.transport === "udp" ? new UdpAttacker(target, mutator) : new StreamAttacker(target, mutator)];
});
setTimeout(() => {
  for (const [, attacker] of attackers) attacker.stop();
  console.log(JSON.stringify(Object.fromEntries(attackers.map(([name, { counts }]) => [name, counts]))));
  process.exit(0);
}, seconds * 1000);
