// Cost of telling what a datagram carries, RFC 7983, on a mix of mostly RTP. Leaves out: cache misses.
#include "relay/packet/demux.h"

#include <benchmark/benchmark.h>

#include <array>
#include <vector>

namespace {

using relay::packet::DatagramKind;

/// Of 64 datagrams one is STUN, one DTLS, one RTCP; the rest is RTP.
std::vector<common::Bytes> make_mix() {
  std::vector<common::Bytes> mix;
  for (int i = 0; i < 64; ++i) {
    common::Bytes datagram(172, 0);
    datagram[0] = 0x80;
    if (i == 20) datagram[0] = 0;
    if (i == 30) datagram[0] = 22;
    if (i == 40) datagram[1] = 200;
    mix.push_back(std::move(datagram));
  }
  return mix;
}

void classify(benchmark::State& state) {
  const auto mix = make_mix();
  std::size_t next = 0;
  std::array<std::uint64_t, 5> seen{};
  for (auto _ : state) {
    ++seen[static_cast<std::size_t>(relay::packet::classify(mix[next++ % mix.size()]))];
  }
  if (seen[static_cast<std::size_t>(DatagramKind::Unknown)] > 0) state.SkipWithError("a datagram was not recognised");
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(classify);

}  // namespace
