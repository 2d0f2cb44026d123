// The media of one call: a recognisable voice at each end, and the demand that each has heard the other.
import assert from "node:assert/strict";
import { spawnNode } from "./hostile_scene.mjs";

const LONGEST_GAP_MS = 200;
const FRAME_MS = 20;

export class Phones {
  /**
   * `ends`: two of {host, port, to: {address, port}, keys}; keys {send, receive} mean SRTP. `ssrcs`: of their streams.
   */
  constructor(scene, id, ends, ssrcs) {
    this.id = id;
    this.phones = ends.map((end, i) => {
      const { host, ...job } = end;
      return scene.add(spawnNode(scene.network, host, "rtp_phone.mjs", { ...job, name: i + 1, peer: 2 - i, ssrc: ssrcs[i] }));
    });
  }

  /**
   * Ends both and requires that each has heard the other, and nothing else, without a gap. `starvation` of the relay
   * excuses what was late.
   */
  async requireAudio(atLeastSeconds, starvation) {
    for (const phone of this.phones) phone.child.kill("SIGTERM");
    for (const phone of this.phones) {
      const { late, ...heard } = await phone.result();
      const tooLate = late.filter(({ at, delay }) => delay - starvation.between(at - delay, at) > LONGEST_GAP_MS);
      const what = `${this.id}, ${phone.name}: ${JSON.stringify(heard)}`;
      assert.ok(heard.received >= ((atLeastSeconds * 1000) / FRAME_MS) * 0.95, `too little audio in ${what}`);
      assert.equal(heard.wrong, 0, `foreign packets in ${what}`);
      assert.ok(heard.longestLoss * FRAME_MS <= LONGEST_GAP_MS, `a gap in ${what}`);
      assert.deepEqual(tooLate, [], `late packets in ${what}`);
      assert.ok(heard.silentForMs >= 0 && heard.silentForMs <= LONGEST_GAP_MS, `silence at the end of ${what}`);
      assert.ok(heard.lost <= heard.received / 100, `lost packets in ${what}`);
    }
  }
}
