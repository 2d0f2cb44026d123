// Cost of checking one RTP header and reading what a leg reads of it. Leaves out: cache misses, the packet is always
// the same one.
#include "relay/rtp/packet_view.h"

#include <benchmark/benchmark.h>

#include "relay/rtp/packet_writer.h"

namespace {

using namespace relay;

packet::PacketBuffer make_packet(bool with_extension) {
  const std::vector<std::uint8_t> payload(160, 0x55);
  packet::PacketBuffer packet;
  if (!rtp::write_packet(packet, {.payload_type = 111, .sequence = 1, .timestamp = 160, .ssrc = {1}}, payload)) {
    std::abort();
  }
  if (!with_extension) return packet;
  packet.data()[0] |= 0x10;  // the payload's first words become an extension of one word, RFC 8285
  const std::uint8_t head[] = {0xbe, 0xde, 0x00, 0x01};
  std::copy(std::begin(head), std::end(head), packet.data() + rtp::kFixedHeaderSize);
  return packet;
}

void parse(benchmark::State& state) {
  const packet::PacketBuffer packet = make_packet(state.range(0) != 0);
  for (auto _ : state) {
    const auto view = rtp::PacketView::parse(packet.span());
    if (!view) state.SkipWithError("not parsed");
    benchmark::DoNotOptimize(view->ssrc().value + view->sequence() + view->timestamp() + view->payload_type());
    benchmark::DoNotOptimize(view->payload().data());
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(parse)->ArgName("extension")->Arg(0)->Arg(1);

}  // namespace
