// Turns valid messages into hostile ones: flipped bits, cut and doubled parts, huge numbers, deep nesting, long lines.

const LONGEST = 60_000;
const NASTY_BYTES = [0, 0x0a, 0x0d, 0x20, 0x22, 0x25, 0x3a, 0x3b, 0x3c, 0x3e, 0x40, 0x5c, 0x7f, 0x80, 0xff];
const NASTY_NUMBERS = ["-1", "0", "65536", "2147483648", "4294967296", "9223372036854775808", "99999999999999999999999", "0000000000000001", "1e9", ""];
const NESTERS = ["l", "d1:a", "[", '{"a":', "<", "(", '"', "\\", "%", ";a=", ",", "\r\n ", "d0:", "li1e"];

export class Mutator {
  /** `samples`: valid messages, as buffers. */
  constructor(random, samples) {
    this.random = random;
    this.samples = samples;
  }

  valid() {
    return this.random.pick(this.samples);
  }

  /** One message: seldom valid, often mutated, sometimes noise. */
  next() {
    const kind = this.random.below(20);
    if (kind === 0) return this.valid();
    if (kind <= 2) return this.random.bytes(this.random.below(1500));
    return this.mutate(this.valid());
  }

  mutate(message) {
    let bytes = Buffer.from(message);
    for (let rounds = this.random.between(1, 4); rounds > 0; --rounds) bytes = this.random.pick(MUTATIONS)(bytes, this.random, this);
    return bytes.subarray(0, LONGEST);
  }
}

const insert = (bytes, at, piece) => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);

function range(bytes, random) {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random.between(1, 64))];
}

function flipBits(bytes, random) {
  for (let flips = random.between(1, 8); bytes.length > 0 && flips > 0; --flips) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
  return bytes;
}

function setNastyByte(bytes, random) {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.pick(NASTY_BYTES);
  return bytes;
}

const truncate = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

function cutOut(bytes, random) {
  const [from, to] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function double(bytes, random) {
  const [from, to] = range(bytes, random);
  return insert(bytes, to, bytes.subarray(from, to));
}

function repeatOften(bytes, random) {
  const [from, to] = range(bytes, random);
  const piece = bytes.subarray(from, to);
  const times = random.below(Math.floor(LONGEST / Math.max(1, piece.length * 4)));
  return insert(bytes, to, Buffer.concat(Array(times).fill(piece)));
}

const insertNoise = (bytes, random) => insert(bytes, random.below(bytes.length + 1), random.bytes(random.between(1, 32)));

/** Puts another number in place of one that stands there in digits. */
function changeNumber(bytes, random) {
  const numbers = [...bytes.toString("latin1").matchAll(/\d+/g)];
  if (numbers.length === 0) return setNastyByte(bytes, random);
  const { index, 0: digits } = random.pick(numbers);
  return Buffer.concat([bytes.subarray(0, index), Buffer.from(random.pick(NASTY_NUMBERS)), bytes.subarray(index + digits.length)]);
}

/** Puts all ones or another extreme in place of two or four bytes. */
function changeField(bytes, random) {
  if (bytes.length < 4) return bytes;
  const at = random.below(bytes.length - 3);
  if (random.chance(0.5)) bytes.writeUInt16BE(random.pick([0, 1, 0x7fff, 0x8000, 0xffff]), at);
  else bytes.writeUInt32BE(random.pick([0, 1, 0x7fffffff, 0x80000000, 0xffffffff]), at);
  return bytes;
}

function nest(bytes, random) {
  const opener = random.pick(NESTERS);
  const times = random.pick([3, 15, 16, 17, 200, 5000]);
  return insert(bytes, random.below(bytes.length + 1), Buffer.from(opener.repeat(Math.min(times, Math.floor(LONGEST / opener.length)))));
}

function splice(bytes, random, mutator) {
  const other = mutator.valid();
  return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))]);
}

/** Lines of text: one goes, comes twice, changes places, or grows. */
function changeLines(bytes, random) {
  const lines = bytes.toString("latin1").split("\r\n");
  if (lines.length < 3) return double(bytes, random);
  const at = random.below(lines.length);
  switch (random.below(4)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(random.below(lines.length), 0, lines[at]);
      break;
    case 2:
      [lines[at], lines[0]] = [lines[0], lines[at]];
      break;
    default:
      lines[at] += random.pick(["x", ";a=b", ", <sip:a@b>", " ", "%41"]).repeat(random.pick([10, 300, 4000]));
  }
  return Buffer.from(lines.join("\r\n"), "latin1");
}

const MUTATIONS = [flipBits, setNastyByte, truncate, cutOut, double, repeatOften, insertNoise, changeNumber, changeField, nest, splice, changeLines];
