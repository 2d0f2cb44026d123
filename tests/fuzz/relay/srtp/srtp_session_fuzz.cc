#include "relay/srtp/srtp_session.h"

#include <algorithm>

#include "common/base/invariant.h"
#include "common/crypto/random.h"
#include "relay/srtp/key_material.h"

using namespace relay::srtp;

namespace {

KeyMaterial key_of(Suite suite, std::uint64_t seed) {
  common::crypto::SeededRandom random(seed);
  return generate_key(suite, random);
}

SrtpSession session(const KeyMaterial& key, Direction direction) {
  auto made = SrtpSession::create(key, direction);
  INVARIANT(made, "the key has the suite's length");
  return std::move(*made);
}

/// Whatever is protected comes back as it was.
void there_and_back(SrtpSession& out, SrtpSession& in, relay::packet::PacketBuffer& packet, bool rtcp) {
  const common::Bytes plain(packet.span().begin(), packet.span().end());
  if (!(rtcp ? out.protect_rtcp(packet) : out.protect_rtp(packet))) return;
  INVARIANT(packet.size() > plain.size(), "protection adds a tag");
  if (!(rtcp ? in.unprotect_rtcp(packet) : in.unprotect_rtp(packet))) return;  // replayed, or one source too many
  INVARIANT(std::ranges::equal(packet.span(), plain), "the peer reads what was written");
}

}  // namespace

/// First byte: suite. Then packets, each behind one byte (RTCP, protect first) and two of length. Without the key no
/// packet passes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::ByteReader reader({data, size});
  const Suite suite = kSuites[reader.u8() & 3].suite;
  const KeyMaterial key = key_of(suite, 1);
  SrtpSession out = session(key, Direction::Outbound);
  SrtpSession in = session(key, Direction::Inbound);
  SrtpSession strangers = session(key_of(suite, 2), Direction::Inbound);
  relay::packet::PacketBuffer packet;
  while (reader.remaining() > 3) {
    const unsigned choice = reader.u8();
    const std::size_t length = reader.u16();
    const auto bytes = reader.bytes(std::min({length, reader.remaining(), relay::packet::PacketBuffer::kMaxDatagram}));
    packet.assign(bytes);
    const bool rtcp = (choice & 1) != 0;
    if ((choice & 2) != 0) {
      there_and_back(out, in, packet, rtcp);
      continue;
    }
    const bool passed = static_cast<bool>(rtcp ? strangers.unprotect_rtcp(packet) : strangers.unprotect_rtp(packet));
    INVARIANT(!passed || facts_of(suite).tag_length < 10, "a packet without the key does not pass");
  }
  return 0;
}
