// Plain RTP streams and the SDP that announces them, made by hand so that a test decides about every packet.

export function rtpPacket({ payloadType = 0, sequence, timestamp, ssrc, payload, marker = false }) {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType | (marker ? 0x80 : 0);
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(ssrc >>> 0, 8);
  return Buffer.concat([header, payload]);
}

export const isRtp = (data) => data.length >= 12 && data[0] >> 6 === 2 && !(data[1] >= 192 && data[1] <= 223);
export const payloadOf = (data) => data.subarray(12);

/** 20 ms frames of one octet value, so that whoever hears them knows whose they are. */
export class Talker {
  #sequence;
  #timestamp;

  constructor(socket, { ssrc, tone, sequence = 1000, timestamp = 16000, payloadType = 0 }) {
    Object.assign(this, { socket, ssrc, tone, payloadType });
    this.#sequence = sequence;
    this.#timestamp = timestamp;
  }

  next() {
    const packet = rtpPacket({ payloadType: this.payloadType, sequence: this.#sequence, timestamp: this.#timestamp, ssrc: this.ssrc, payload: Buffer.alloc(160, this.tone) });
    this.#sequence += 1;
    this.#timestamp += 160;
    return packet;
  }

  say(to, frames = 1) {
    for (let i = 0; i < frames; ++i) this.socket.send(to, this.next());
  }

  /** Its stream goes on from another socket. */
  moveTo(socket) {
    this.socket = socket;
  }
}

/** Frames of `tone` that a socket has received. */
export const heard = (socket, tone) => socket.received.filter(({ data }) => isRtp(data) && payloadOf(data)[0] === tone).length;

export function plainSdp({ address, port, direction = "sendrecv", protocol = "RTP/AVP", formats = "0 8 101", lines = [] }) {
  const family = address.includes(":") ? "IP6" : "IP4";
  return [
    "v=0", `o=- 1 1 IN ${family} ${address}`, "s=-", `c=IN ${family} ${address}`, "t=0 0",
    `m=audio ${port} ${protocol} ${formats}`, "a=rtpmap:101 telephone-event/8000", `a=${direction}`, ...lines, "",
  ].join("\r\n");
}

/** Where an SDP says its first medium wants to be sent to. */
export function mediaAddress(sdp) {
  const port = Number(/^m=\S+ (\d+)/m.exec(sdp)[1]);
  const [, session] = /^c=IN IP[46] (\S+)/m.exec(sdp);
  return { address: session.trim(), port };
}
