// A WebSocket client's bytes, RFC 6455, right and wrong.

export function handshake(path, host, random) {
  return Buffer.from([
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${random.bytes(16).toString("base64")}`,
    "Sec-WebSocket-Protocol: sip",
    "Sec-WebSocket-Version: 13",
    "",
    "",
  ].join("\r\n"));
}

/** One masked frame; `length` may lie. */
export function frame(opcode, payload, random, { final = true, reserved = 0, masked = true, length = payload.length } = {}) {
  const head = [(final ? 0x80 : 0) | (reserved << 4) | opcode];
  const bit = masked ? 0x80 : 0;
  let extended = Buffer.alloc(0);
  if (length < 126) {
    head.push(bit | length);
  } else if (length < 65536) {
    head.push(bit | 126);
    extended = Buffer.alloc(2);
    extended.writeUInt16BE(length);
  } else {
    head.push(bit | 127);
    extended = Buffer.alloc(8);
    extended.writeBigUInt64BE(BigInt(length));
  }
  const mask = masked ? random.bytes(4) : Buffer.alloc(0);
  const body = masked ? Buffer.from(payload.map((byte, i) => byte ^ mask[i % 4])) : payload;
  return Buffer.concat([Buffer.from(head), extended, mask, body]);
}

const WRONGS = [{ masked: false }, { reserved: 4 }, { length: 125 }, { length: 70_000 }, { length: 2 ** 52 }, { final: false }];

/** The messages as frames: whole, in fragments with pings between, or wrong. */
export function frames(messages, mutator) {
  const { random } = mutator;
  const out = [];
  for (const message of messages) {
    switch (random.below(6)) {
      case 0:
        out.push(frame(random.pick([1, 2]), message, random, random.pick(WRONGS)));
        break;
      case 1: {
        const half = message.length >> 1;
        out.push(frame(1, message.subarray(0, half), random, { final: false }), frame(9, random.bytes(random.below(126)), random));
        out.push(frame(0, message.subarray(half), random));
        break;
      }
      case 2:
        out.push(mutator.mutate(frame(random.below(16), message, random)));
        break;
      case 3:
        out.push(frame(random.pick([8, 9, 10, 3, 11]), random.bytes(random.below(140)), random));
        break;
      default:
        out.push(frame(1, message, random));
    }
  }
  return Buffer.concat(out);
}
