// AES_CM_128_HMAC_SHA1_80 for one stream, RFC 3711 §4.1 to §4.3, as an SDES peer of the relay needs it.
import { createCipheriv, createHmac, timingSafeEqual } from "node:crypto";

const TAG = 10;
const HEADER = 12;

function keystream(key, iv, length) {
  return createCipheriv("aes-128-ctr", key, iv).update(Buffer.alloc(length));
}

export class Srtp {
  #roc = 0;
  #last;

  /** `keyAndSalt`: 16 and 14 bytes. */
  constructor(keyAndSalt) {
    const derive = (label, length) => {
      const iv = Buffer.concat([keyAndSalt.subarray(16, 30), Buffer.alloc(2)]);
      iv[7] ^= label;
      return keystream(keyAndSalt.subarray(0, 16), iv, length);
    };
    this.cipherKey = derive(0, 16);
    this.authKey = derive(1, 20);
    this.salt = derive(2, 14);
  }

  #crypt(packet, roc) {
    const iv = Buffer.concat([this.salt, Buffer.alloc(2)]);
    const ssrcAndIndex = Buffer.concat([packet.subarray(8, 12), Buffer.alloc(6)]);
    ssrcAndIndex.writeUInt32BE(roc, 4);
    packet.copy(ssrcAndIndex, 8, 2, 4);
    for (let i = 0; i < 10; ++i) iv[4 + i] ^= ssrcAndIndex[i];
    const body = createCipheriv("aes-128-ctr", this.cipherKey, iv).update(packet.subarray(HEADER));
    return Buffer.concat([packet.subarray(0, HEADER), body]);
  }

  #tag(packet, roc) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(roc);
    return createHmac("sha1", this.authKey).update(packet).update(counter).digest().subarray(0, TAG);
  }

  /** Packets come with rising sequence numbers. */
  protect(packet) {
    const sequence = packet.readUInt16BE(2);
    if (this.#last !== undefined && sequence < this.#last) ++this.#roc;
    this.#last = sequence;
    const encrypted = this.#crypt(packet, this.#roc);
    return Buffer.concat([encrypted, this.#tag(encrypted, this.#roc)]);
  }

  /** The plain packet; undefined: not by our peer. */
  unprotect(bytes) {
    if (bytes.length < HEADER + TAG) return undefined;
    const packet = bytes.subarray(0, -TAG);
    const sequence = packet.readUInt16BE(2);
    let roc = this.#roc;
    if (this.#last !== undefined && this.#last - sequence > 0x8000) ++roc;
    else if (this.#last !== undefined && sequence - this.#last > 0x8000 && roc > 0) --roc;
    if (!timingSafeEqual(this.#tag(packet, roc), bytes.subarray(-TAG))) return undefined;
    this.#roc = roc;
    this.#last = sequence;
    return this.#crypt(packet, roc);
  }
}
