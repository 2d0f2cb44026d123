// The bell of an incoming call, made of two tones so that no sound file is needed.

const TONES_HZ = [440, 480];
const RING_S = 1;
const EVERY_MS = 3000;
const LEVEL = 0.08;

export class Ringer {
  #context;
  #timer;

  start() {
    if (this.#timer) return;
    this.#context ??= new AudioContext();
    this.#ring();
    this.#timer = setInterval(() => this.#ring(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#context?.close();
    this.#context = undefined;
  }

  #ring() {
    const level = this.#context.createGain();
    level.gain.value = LEVEL;
    level.connect(this.#context.destination);
    const now = this.#context.currentTime;
    for (const frequency of TONES_HZ) {
      const tone = new OscillatorNode(this.#context, { frequency });
      tone.connect(level);
      tone.start(now);
      tone.stop(now + RING_S);
    }
  }
}
