// Valid packets of media ports to start from: RTP, RTCP, STUN, DTLS.

function rtp(ssrc, payloadType, sequence, payload, { extension = false, padding = 0 } = {}) {
  const header = Buffer.alloc(12);
  header[0] = 0x80 | (extension ? 0x10 : 0) | (padding ? 0x20 : 0);
  header[1] = payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(sequence * 160, 4);
  header.writeUInt32BE(ssrc, 8);
  const more = extension ? Buffer.from("bede000110ff0000", "hex") : Buffer.alloc(0);
  const tail = padding ? Buffer.concat([Buffer.alloc(padding - 1), Buffer.from([padding])]) : Buffer.alloc(0);
  return Buffer.concat([header, more, payload, tail]);
}

function rtcp(type, count, words) {
  const packet = Buffer.alloc(4 + 4 * words.length);
  packet[0] = 0x80 | count;
  packet[1] = type;
  packet.writeUInt16BE(words.length, 2);
  words.forEach((word, i) => packet.writeUInt32BE(word >>> 0, 4 + 4 * i));
  return packet;
}

function stun(type, attributes) {
  const body = Buffer.concat(attributes.map(([kind, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(kind, 0);
    head.writeUInt16BE(value.length, 2);
    return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
  }));
  const head = Buffer.alloc(20, 7);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  return Buffer.concat([head, body]);
}

/** A ClientHello of DTLS 1.2 that offers SRTP, by hand: RFC 6347 §4.2, RFC 5764 §4.1.1. */
function clientHello() {
  const extensions = Buffer.from("000e0007000400010007 00 000a00040002001d 000d000400020403".replaceAll(" ", ""), "hex");
  const body = Buffer.concat([Buffer.from("fefd", "hex"), Buffer.alloc(32, 1), Buffer.from("00000002c02b0100", "hex"), Buffer.from([0, extensions.length]), extensions]);
  const handshake = Buffer.concat([Buffer.from([1, 0, 0, body.length, 0, 0, 0, 0, 0, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from("16fefd0000000000000000", "hex"), Buffer.from([0, handshake.length]), handshake]);
}

/** `ssrcs`: of the streams under attack, so that some packets claim to be theirs. */
export function mediaSamples(ssrcs = []) {
  const samples = [];
  const voice = Buffer.alloc(160, 0xd5);
  for (const ssrc of [...ssrcs, 0xdeadbeef]) {
    for (const sequence of [1, 1000, 65000, 65535]) samples.push(rtp(ssrc, 0, sequence, voice));
    samples.push(rtp(ssrc, 101, 7, Buffer.from("058a03c0", "hex")), rtp(ssrc, 111, 8, Buffer.from("080b0102", "hex"), { extension: true }));
    samples.push(rtp(ssrc, 0, 9, Buffer.concat([voice, Buffer.alloc(10)]), { padding: 20 }));
    const report = rtcp(200, 1, [ssrc, 1, 2, 160, 1, 160, ssrc, 0x40000002, 65541, 17, 0, 65536]);
    samples.push(Buffer.concat([report, rtcp(202, 1, [ssrc, 0x01036162, 0x63000000])]));
    samples.push(Buffer.concat([rtcp(201, 0, [ssrc]), rtcp(203, 1, [ssrc])]), rtcp(205, 1, [1, ssrc, 0x00010003]), rtcp(206, 1, [1, ssrc]));
  }
  samples.push(stun(0x0001, [[0x0006, Buffer.from("aaaa:bbbb")], [0x0024, Buffer.from("6e0001ff", "hex")], [0x0025, Buffer.alloc(0)], [0x0008, Buffer.alloc(20, 3)], [0x8028, Buffer.alloc(4)]]));
  samples.push(stun(0x0101, [[0x0020, Buffer.from("0001a147e112a643", "hex")]]), stun(0x0011, []));
  samples.push(clientHello(), Buffer.from("15fefd00000000000000010002022a", "hex"), Buffer.from("17fefd00010000000000010010", "hex"));
  return samples;
}
