// Input: one byte that picks the clock rates, then events of eight bytes, timestamp and payload.
#include <algorithm>

#include "common/base/invariant.h"
#include "relay/codec/event_mapper.h"

using namespace relay::codec;

namespace {

constexpr std::uint32_t kRates[] = {8000, 16000, 48000, 96000};

Format format_of(unsigned index) {
  Format format;
  format.kind = Kind::TelephoneEvent;
  format.clock_rate = kRates[index & 3];
  format.payload_type = 101;
  return format;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::ByteReader in({data, size});
  const unsigned choice = in.u8();
  EventMapper mapper(format_of(choice), format_of(choice >> 2));
  while (in.remaining() > 0) {
    const std::uint32_t timestamp = in.u32();
    const auto payload = in.rest().first(std::min<std::size_t>(in.remaining(), kEventSize));
    in.skip(payload.size());
    mapper.on_packet({timestamp, timestamp / 6, payload});
    while (const auto out = mapper.poll_output()) INVARIANT(out->payload_type == 101, "the output's payload type");
    if (!in.ok()) break;
  }
  return 0;
}
