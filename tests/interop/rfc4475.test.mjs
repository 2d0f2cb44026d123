// RFC 4475 through a running proxy: every message over UDP, TCP and WSS, what becomes of it, and whether the copy that
// goes on says what the original said.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MESSAGES } from "./rfc4475_messages.mjs";
import { onTortureScene } from "./torture_scene.mjs";
import { differences, parseTortured } from "./tortured_message.mjs";

const FORWARD = "forward";
const NOTHING = "nothing";

/**
 * What a proxy must do, by section; a number is the status of its answer. `stream`: where TCP differs from a datagram.
 * The sender is a trunk, so what is forwarded needs no credentials; REGISTER ends here, at the registrar, and is challenged.
 */
const TABLE = {
  wsinv: { does: 481, note: "3.1.1.1: its To has a tag, and a dialog without our cookie is nobody's; without the tag it passes, below" },
  intmeth: { does: FORWARD }, // 3.1.1.2
  esc01: { does: FORWARD }, // 3.1.1.3
  escnull: { does: 401 }, // 3.1.1.4
  esc02: { does: 404 }, // 3.1.1.5: no REGISTER, and nobody but OPTIONS has business with a domain alone
  lwsdisp: { does: FORWARD }, // 3.1.1.6
  longreq: { does: FORWARD }, // 3.1.1.7
  dblreq: { does: 401, stream: [401, FORWARD] }, // 3.1.1.8: two messages in a stream, one in a datagram
  semiuri: { does: FORWARD }, // 3.1.1.9
  transports: { does: FORWARD }, // 3.1.1.10
  mpart01: { does: FORWARD }, // 3.1.1.11
  unreason: { does: NOTHING }, // 3.1.1.12: a response to nothing of ours
  noreason: { does: NOTHING }, // 3.1.1.13
  badinv01: { does: 400 }, // 3.1.2.1
  clerr: { does: 400, stream: NOTHING }, // 3.1.2.2: in a stream the rest may still come
  ncl: { does: 400 }, // 3.1.2.3
  scalar02: { does: 400 }, // 3.1.2.4
  scalarlg: { does: NOTHING }, // 3.1.2.5
  quotbal: { does: 400 }, // 3.1.2.6
  ltgtruri: { does: 400 }, // 3.1.2.7
  lwsruri: { does: 400 }, // 3.1.2.8
  lwsstart: { does: 400 }, // 3.1.2.9
  trws: { does: 400 }, // 3.1.2.10
  escruri: { does: 400 }, // 3.1.2.11
  baddate: { does: FORWARD }, // 3.1.2.12: a proxy has no use for Date
  regbadct: { does: 400 }, // 3.1.2.13
  badaspec: { does: FORWARD }, // 3.1.2.14: spaces around an address; whoever is liberal overlooks them
  baddn: { does: FORWARD }, // 3.1.2.15: a display name that should be quoted; its address is clear
  badvers: { does: 505 }, // 3.1.2.16
  mismatch01: { does: 400 }, // 3.1.2.17
  mismatch02: { does: 400 }, // 3.1.2.18
  bigcode: { does: NOTHING }, // 3.1.2.19
  badbranch: { does: FORWARD }, // 3.2.1: the magic cookie alone is the branch of an old client
  insuf: { does: 400 }, // 3.3.1
  unkscm: { does: 416 }, // 3.3.2
  novelsc: { does: 416 }, // 3.3.3
  unksm2: { does: 401 }, // 3.3.4
  bext01: { does: 420 }, // 3.3.5
  invut: { does: FORWARD }, // 3.3.6
  regaut01: { does: 401 }, // 3.3.7
  multi01: { does: 400 }, // 3.3.8
  mcl01: { does: 400 }, // 3.3.9
  bcast: { does: NOTHING }, // 3.3.10
  zeromf: { does: 483 }, // 3.3.11
  cparam01: { does: 401 }, // 3.3.12
  cparam02: { does: 401 }, // 3.3.13
  regescrt: { does: 401 }, // 3.3.14
  sdp01: { does: FORWARD }, // 3.3.15
  inv2543: { does: FORWARD, stream: 400 }, // 3.4.1: without Content-Length nobody knows where it ends in a stream
};

/** These have the branch and sent-by of an earlier one: to a proxy that has seen that one they are its repeats. */
const REPEATS = ["regescrt", "cparam02"];

const rounds = (names) => [names.filter((name) => !REPEATS.includes(name)), names.filter((name) => REPEATS.includes(name))];

async function check(scene, name, bytes, expected) {
  const expectations = [expected].flat();
  const { sender, catcher } = scene;
  const before = { answers: sender.heard.length, caught: catcher.caught.length };
  await sender.deliver(bytes);
  await sender.barrier();
  const isHeard = (status) => sender.heard.slice(before.answers).some((answer) => parseTortured(answer).status === status);
  await catcher.settle(() => (!expectations.includes(FORWARD) || catcher.caught.length > before.caught)
    && expectations.filter(Number.isInteger).every(isHeard));
  const answers = sender.heard.slice(before.answers).map(parseTortured);
  const caught = catcher.caught.slice(before.caught);
  const told = answers.map(({ status }) => status).filter((status) => status >= 200 && status !== 486 && status !== 200);
  const statuses = expectations.filter(Number.isInteger);
  assert.deepEqual([...new Set(told)], statuses, `${name}: answered ${told}, expected ${statuses}`);
  assert.equal(caught.length, expectations.includes(FORWARD) ? 1 : 0, `${name}: forwarded ${caught.length} times`);
  if (caught.length === 0) return;
  const original = expectations.length > 1 ? bytes.subarray(bytes.indexOf("INVITE sip:joe")) : bytes;
  assert.deepEqual(differences(original, caught[0]), [], `${name}: its copy differs`);
}

for (const from of ["udp", "tcp"]) {
  for (const to of ["udp", "tcp", "wss"]) {
    test(`a trunk's tortuous messages over ${from}, for a user over ${to}`, { timeout: 120_000 }, async () => {
      const names = Object.keys(TABLE);
      assert.deepEqual(names, Object.keys(MESSAGES));
      assert.equal(names.length, 49);
      for (const round of rounds(names)) {
        await onTortureScene({ from, to }, async (scene) => {
          const problems = [];
          for (const name of round) {
            const { does, stream = does } = TABLE[name];
            await check(scene, name, MESSAGES[name], from === "udp" ? does : stream).catch(({ message }) => problems.push(message));
          }
          assert.deepEqual(problems, []);
          const { wsinv } = MESSAGES;
          if (round.includes("wsinv")) await check(scene, "wsinv without a tag", Buffer.from(wsinv.toString("latin1")
            .replace(";   tag    = 1918181833n", ";   gat    = 1918181833n").replace("390skdjuw", "390skdjuv"), "latin1"), FORWARD);
        });
      }
    });
  }
}

test("a stranger's tortuous messages over wss are refused as they deserve, and whoever is understood proves who he is", { timeout: 60_000 }, async () => {
  for (const round of rounds(Object.keys(TABLE))) {
    await onTortureScene({ from: "wss", to: "udp" }, async (scene) => {
      const problems = [];
      for (const name of round) {
        const { does } = TABLE[name];
        await check(scene, name, MESSAGES[name], does === FORWARD || does === 404 ? 407 : does).catch(({ message }) => problems.push(message));
      }
      assert.deepEqual(problems, []);
    });
  }
});

test("after all of it, in any order and cut anywhere, the proxy answers as before", { timeout: 60_000 }, async () => {
  await onTortureScene({ from: "tcp", to: "udp" }, async ({ sender, proxy }) => {
    const all = Object.values(MESSAGES);
    for (let i = 0; i < 200; ++i) {
      const [byte, where] = randomBytes(2);
      const bytes = all[byte % all.length];
      await sender.deliver(bytes.subarray(0, Math.ceil((bytes.length * where) / 256)));
    }
    await sleep(100);
    await sender.barrier();
    assert.equal(proxy.exited, false, proxy.output.slice(-3000));
  });
});
