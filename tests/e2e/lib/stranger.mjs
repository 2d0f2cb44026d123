// A host that is no party of a call and sends audible RTP to its ports all the same.
import { setTimeout as sleep } from "node:timers/promises";
import { encodeUlaw } from "./g711.mjs";
import { melodySamples } from "./melody.mjs";
import { rtpPacket } from "./rtp.mjs";
import { UdpHost } from "./udp.mjs";

const FRAME_SAMPLES = 160;
const FRAME_MS = 20;

export class Stranger {
  constructor(network, host) {
    this.host = new UdpHost(network, host);
  }

  /** `frames` frames of PCMU with `melody`, one after the other, to every one of `targets` ({address, port}). */
  async sing(melody, targets, frames) {
    this.socket ??= await this.host.open();
    const voice = encodeUlaw(melodySamples(melody, 8000, { seconds: Math.ceil((frames * FRAME_MS) / 1000) }));
    for (let i = 0; i < frames; ++i) {
      const payload = voice.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES);
      const packet = rtpPacket({ sequence: 100 + i, timestamp: i * FRAME_SAMPLES, ssrc: 0x51515151, payload });
      for (const target of targets) this.socket.send(target, packet);
      await sleep(FRAME_MS);
    }
  }

  stop() {
    return this.host.stop();
  }
}
