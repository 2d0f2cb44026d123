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

/** Sample between -1 and 1 of one octet of µ-law. */
function decode(octet) {
  const bits = ~octet & 255;
  const magnitude = ((((bits & 15) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS;
  return (bits & 128 ? -magnitude : magnitude) / 32768;
}

export const decodeUlaw = (octets) => Float32Array.from(octets, decode);
