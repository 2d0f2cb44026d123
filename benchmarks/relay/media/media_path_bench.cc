// Cost of one packet through the path of a medium: forwarded with another payload type, and PCMU to Opus.
// `paths` are used in turn, as a shard does, so that caches see what they would see there. Leaves out: sockets, SRTP,
// statistics; the sink only counts.
#include "relay/media/media_path.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "relay/rtp/header_edit.h"
#include "relay/rtp/packet_writer.h"

namespace {

using namespace relay;

class CountingSink final : public media::PathSink {
 public:
  void send_rtp(packet::PacketBuffer& packet, common::Instant) override { bytes += packet.size(); }
  std::size_t bytes = 0;
};

const codec::Format kPcmu{.payload_type = 0, .kind = codec::Kind::Pcmu, .encoding_name = "PCMU"};
const codec::Format kOpus{
    .payload_type = 111, .kind = codec::Kind::Opus, .encoding_name = "opus", .clock_rate = 48000, .channels = 2};

session::PathPlan plan_of(const session::PayloadAction& action) {
  session::PathPlan plan;
  plan.payloads.emplace_back(std::uint8_t{0}, action);
  return plan;
}

packet::PacketBuffer make_packet() {
  std::vector<std::uint8_t> payload(160);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(i * 37);
  packet::PacketBuffer packet;
  if (!rtp::write_packet(packet, {.ssrc = {1}}, payload)) std::abort();
  return packet;
}

void run(benchmark::State& state, const session::PayloadAction& action) {
  CountingSink sink;
  codec::TranscoderStatistics totals;
  std::vector<std::unique_ptr<media::MediaPath>> paths;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    paths.push_back(std::make_unique<media::MediaPath>(plan_of(action), sink, totals));
  }
  packet::PacketBuffer packet = make_packet();
  std::uint16_t sequence = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    rtp::set_payload_type(packet, 0);
    rtp::set_sequence(packet, sequence);
    common::store_be32(packet.data() + 4, std::uint32_t{sequence} * 160);  // its timestamp
    const auto view = rtp::PacketView::parse(packet.span());
    paths[next]->on_rtp(packet, *view, common::Instant{std::chrono::milliseconds{20 * sequence}});
    if (++next == paths.size()) {
      next = 0;
      ++sequence;
    }
  }
  if (sink.bytes == 0) state.SkipWithError("nothing came out");
  state.SetItemsProcessed(state.iterations());
}

void forward(benchmark::State& state) { run(state, session::Forward{8}); }
void pcmu_to_opus(benchmark::State& state) { run(state, session::Transcode{kPcmu, kOpus}); }

BENCHMARK(forward)->ArgName("paths")->Arg(1)->Arg(2000);
BENCHMARK(pcmu_to_opus)->ArgName("paths")->Arg(1)->Arg(200);

}  // namespace
