// Cost of protecting and unprotecting one 172-byte packet (G.711, 20 ms), sessions touched in turn so that caches see
// what a shard sees. Leaves out: sockets, the media path, building the packet (a copy of 172 bytes is included).
#include <benchmark/benchmark.h>

#include <vector>

#include "common/crypto/random.h"
#include "relay/rtp/header_edit.h"
#include "relay/rtp/packet_writer.h"
#include "relay/srtp/key_material.h"
#include "relay/srtp/srtp_session.h"

namespace {

using namespace relay;
using srtp::Direction;
using srtp::SrtpSession;
using srtp::Suite;

packet::PacketBuffer make_packet() {
  const std::vector<std::uint8_t> payload(160, 0x55);
  packet::PacketBuffer packet;
  if (!rtp::write_packet(packet, {.ssrc = {1}}, payload)) std::abort();
  return packet;
}

std::vector<SrtpSession> make_sessions(std::int64_t count, Suite suite, Direction direction) {
  common::crypto::SeededRandom random(1);
  std::vector<SrtpSession> sessions;
  for (std::int64_t i = 0; i < count; ++i) {
    sessions.push_back(std::move(*SrtpSession::create(generate_key(suite, random), direction)));
  }
  return sessions;
}

void protect(benchmark::State& state) {
  auto sessions = make_sessions(state.range(0), static_cast<Suite>(state.range(1)), Direction::Outbound);
  const packet::PacketBuffer original = make_packet();
  packet::PacketBuffer packet;
  std::size_t next = 0;
  std::uint16_t sequence = 0;
  for (auto _ : state) {
    packet.assign(original.span());
    rtp::set_sequence(packet, sequence);
    if (!sessions[next].protect_rtp(packet)) state.SkipWithError("protect failed");
    if (++next == sessions.size()) {
      next = 0;
      ++sequence;
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void round_trip(benchmark::State& state) {
  const auto suite = static_cast<Suite>(state.range(1));
  auto senders = make_sessions(state.range(0), suite, Direction::Outbound);
  auto receivers = make_sessions(state.range(0), suite, Direction::Inbound);
  const packet::PacketBuffer original = make_packet();
  packet::PacketBuffer packet;
  std::size_t next = 0;
  std::uint16_t sequence = 0;
  for (auto _ : state) {
    packet.assign(original.span());
    rtp::set_sequence(packet, sequence);
    if (!senders[next].protect_rtp(packet) || !receivers[next].unprotect_rtp(packet)) state.SkipWithError("failed");
    if (++next == senders.size()) {
      next = 0;
      ++sequence;
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void arguments(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"streams", "suite"})->ArgsProduct({{1, 2000}, {0, 2, 3}});
}

BENCHMARK(protect)->Apply(arguments);
BENCHMARK(round_trip)->Apply(arguments);

}  // namespace
