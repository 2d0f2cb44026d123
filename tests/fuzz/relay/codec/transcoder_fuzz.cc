// Input: one byte that picks codecs and packet time, then packets: sequence step, timestamp step (in 10 ms), flags,
// size, payload. Steps are signed and relative to the packet before.
#include <algorithm>

#include "common/base/invariant.h"
#include "relay/codec/transcoder.h"

using namespace relay;
using namespace relay::codec;

namespace {

Format format_of(unsigned choice, std::uint16_t ptime) {
  constexpr Kind kKinds[] = {Kind::Opus, Kind::Pcmu, Kind::Opus, Kind::Pcma};
  Format format;
  format.kind = kKinds[choice & 3];
  format.clock_rate = format.kind == Kind::Opus ? 48000 : 8000;
  format.ptime = ptime;
  format.opus.use_inband_fec = format.opus.use_dtx = (choice & 2) != 0;
  return format;
}

void drain(Transcoder& transcoder) {
  for (int frames = 0; const auto frame = transcoder.poll_output(); ++frames) {
    INVARIANT(!frame->payload.empty() && frame->payload.size() <= 1500, "a frame fits a packet");
    INVARIANT(frames < 200, "one packet in gives few out");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::ByteReader in({data, size});
  const unsigned choice = in.u8();
  const Format from = format_of(choice, 20);
  auto transcoder = Transcoder::create(from, format_of(choice >> 2, static_cast<std::uint16_t>(10 * (choice >> 4))), 0);
  INVARIANT(transcoder, "these formats are known");
  transcoder->set_complexity(0);
  common::Instant now{};
  std::uint16_t sequence = 65000;
  std::uint32_t timestamp = 0;
  for (int packets = 0; in.remaining() > 4 && packets < 64; ++packets) {
    sequence = static_cast<std::uint16_t>(sequence + static_cast<std::int8_t>(in.u8()));
    timestamp += static_cast<std::uint32_t>(static_cast<std::int8_t>(in.u8())) * (from.clock_rate / 100);
    const unsigned flags = in.u8();
    const std::size_t wanted = in.u8() * ((flags & 1) != 0 ? 16U : 1U);
    const auto payload = in.bytes(std::min(wanted, in.remaining()));
    now += std::chrono::milliseconds{flags >> 2};
    const Transcoder::Received packet{{flags & 0x40}, sequence, timestamp, payload};
    if ((flags & 2) != 0) {
      transcoder->on_other_packet(packet, now);
    } else {
      transcoder->on_packet(packet, now);
    }
    transcoder->on_timeout(now);
    drain(*transcoder);
  }
  return 0;
}
