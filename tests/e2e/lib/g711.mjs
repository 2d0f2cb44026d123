// G.711 µ-law, so that packets made by hand can carry what an ear would notice.

const BIAS = 132;
const CLIP = 32635;

/** One octet of µ-law for a sample between -1 and 1. */
function encode(sample) {
  const value = Math.round(sample * 32767);
  const magnitude = Math.min(Math.abs(value), CLIP) + BIAS;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return ~((value < 0 ? 128 : 0) | (exponent << 4) | mantissa) & 255;
}

export const encodeUlaw = (samples) => Buffer.from(Array.from(samples, encode));
