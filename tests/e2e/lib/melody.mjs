// Known audio that is found again by content: tones in a fixed cyclic order, and the search for that order.
import { readFileSync, writeFileSync } from "node:fs";

export const TONE_MS = 320;
const FRAME_MS = 40;

export const MELODIES = {
  browser: [450, 700, 1000, 1400, 1900],
  trunk: [560, 860, 1200, 1650, 2300],
  other: [500, 780, 1100, 1520, 2080],
  stranger: [620, 930, 1300, 1780, 2500],
};

const everyTone = Object.values(MELODIES).flat();

export function melodySamples(tones, rate, { seconds = 8, level = 0.35 } = {}) {
  const samples = new Float32Array(seconds * rate);
  const perTone = (TONE_MS / 1000) * rate;
  let phase = 0;
  for (let i = 0; i < samples.length; ++i) {
    phase += (2 * Math.PI * tones[Math.floor(i / perTone) % tones.length]) / rate;
    samples[i] = level * Math.sin(phase);
  }
  return samples;
}

export function writeWav(path, samples, rate) {
  const data = Buffer.alloc(44 + samples.length * 2);
  data.write("RIFF", 0);
  data.writeUInt32LE(36 + samples.length * 2, 4);
  data.write("WAVEfmt ", 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(rate * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write("data", 36);
  data.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, i) => data.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32767), 44 + 2 * i));
  writeFileSync(path, data);
}

/** 16-bit PCM WAV; a header whose length was never filled in (a recorder that was killed) is read to the end. */
export function readWav(path) {
  const data = readFileSync(path);
  if (data.toString("latin1", 0, 4) !== "RIFF") throw new Error(`${path} is not a WAV file`);
  let channels = 1;
  let rate = 8000;
  for (let at = 12; at + 8 <= data.length;) {
    const name = data.toString("latin1", at, at + 4);
    const length = data.readUInt32LE(at + 4);
    if (name === "fmt ") {
      channels = data.readUInt16LE(at + 10);
      rate = data.readUInt32LE(at + 12);
    }
    if (name === "data") {
      const end = length === 0 ? data.length : Math.min(data.length, at + 8 + length);
      const count = Math.floor((end - at - 8) / (2 * channels));
      const samples = new Float32Array(count);
      for (let i = 0; i < count; ++i) samples[i] = data.readInt16LE(at + 8 + 2 * channels * i) / 32768;
      return { samples, rate };
    }
    at += 8 + length + (length % 2);
  }
  throw new Error(`${path} has no data`);
}

/** Mean square of the sine at `frequency`, times two: comparable with `energy` below. */
function power(samples, from, length, frequency, rate) {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  let s1 = 0;
  let s2 = 0;
  for (let i = from; i < from + length; ++i) [s1, s2] = [samples[i] + coefficient * s1 - s2, s1];
  return (4 * (s1 * s1 + s2 * s2 - coefficient * s1 * s2)) / (length * length);
}

/** One entry a frame: the tone that carries at least half of the frame's energy, 0 for silence, -1 for anything else. */
export function tonesOf(samples, rate) {
  const length = Math.floor((FRAME_MS / 1000) * rate);
  const frames = [];
  for (let from = 0; from + length <= samples.length; from += length) {
    let energy = 0;
    for (let i = from; i < from + length; ++i) energy += samples[i] * samples[i];
    energy = (2 * energy) / length;
    if (energy < 1e-4) {
      frames.push(0);
      continue;
    }
    const powers = everyTone.map((tone) => power(samples, from, length, tone, rate));
    const best = powers.indexOf(Math.max(...powers));
    frames.push(powers[best] > energy / 2 ? everyTone[best] : -1);
  }
  return frames;
}

/** How well `samples` hold `melody`: right transitions, share of frames that carry its tones, level of these in dBFS. */
export function findMelody({ samples, rate }, melody) {
  const frames = tonesOf(samples, rate);
  const runs = [];
  for (const tone of frames) {
    if (runs.at(-1)?.tone === tone) ++runs.at(-1).length;
    else runs.push({ tone, length: 1 });
  }
  const notes = runs.filter(({ tone, length }) => tone > 0 && length >= 3).map(({ tone }) => tone);
  let right = 0;
  let wrong = 0;
  for (let i = 1; i < notes.length; ++i) {
    const at = melody.indexOf(notes[i - 1]);
    if (notes[i] === notes[i - 1]) continue;
    if (at >= 0 && notes[i] === melody[(at + 1) % melody.length]) ++right;
    else ++wrong;
  }
  const carrying = frames.filter((tone) => melody.includes(tone)).length;
  return { right, wrong, share: frames.length ? carrying / frames.length : 0, seconds: samples.length / rate, silent: frames.filter((tone) => tone === 0).length };
}

export function requireMelody(recording, melody, { transitions = 8, what = "recording" } = {}) {
  const found = findMelody(recording, melody);
  if (found.right < transitions || found.wrong > found.right / 8) {
    throw new Error(`${what} does not hold the expected melody ${melody.join("-")}: ${JSON.stringify(found)}`);
  }
  return found;
}

export function requireNoMelody(recording, melody, { what = "recording", transitions = 1 } = {}) {
  const found = findMelody(recording, melody);
  if (found.right > transitions) throw new Error(`${what} holds the melody ${melody.join("-")}: ${JSON.stringify(found)}`);
  return found;
}
