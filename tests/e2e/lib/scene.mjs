// One test's stage: hosts, programs and a folder, all gone when the test ends, with the programs' words if it failed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Network } from "./network.mjs";

const LAST_WORDS = 4000;

/** Runs `play(scene)`; scene.network, scene.directory, scene.add(thing with stop() or close()). */
export async function onStage(hosts, play) {
  const network = new Network(hosts);
  const directory = mkdtempSync(join(tmpdir(), "causeway-e2e-"));
  const things = [];
  const scene = {
    network,
    directory,
    add(thing) {
      things.push(thing);
      return thing;
    },
  };
  try {
    await play(scene);
  } catch (error) {
    for (const thing of things) {
      const program = thing.program ?? thing;
      if (program.output) console.error(`---- ${program.name}\n${program.output.slice(-LAST_WORDS)}`);
    }
    throw error;
  } finally {
    for (const thing of things.reverse()) await (thing.stop ?? thing.close).call(thing).catch?.(() => {});
    network.destroy();
    rmSync(directory, { recursive: true, force: true });
  }
}
