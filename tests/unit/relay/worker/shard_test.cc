#include "relay/worker/shard.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"
#include "relay/rtcp/packet_views.h"
#include "relay/rtp/packet_writer.h"
#include "tests/support/allocations.h"

using namespace relay;
using namespace relay::worker;
using namespace std::chrono_literals;
using common::SocketAddress;

namespace {

const SocketAddress kPhone = *SocketAddress::parse("198.51.100.7:4000");
const SocketAddress kTrunk = *SocketAddress::parse("198.51.100.8:5000");
const codec::Format kPcmu{.payload_type = 0, .kind = codec::Kind::Pcmu};
const codec::Format kOpus{.payload_type = 111, .kind = codec::Kind::Opus, .clock_rate = 48000, .channels = 2};

/// Gives the shard one packet a cycle and counts what it sends.
class HandDriven final : public io::PacketIo {
 public:
  io::PortHandle open(common::Fd) override { return next_handle_++; }
  void close(io::PortHandle) override {}
  std::size_t receive(std::span<packet::PacketBuffer> batch, std::optional<common::Duration>) override {
    if (!waiting_) return 0;
    batch.front() = packet;
    ++counters_.received;
    return std::exchange(waiting_, false) ? 1 : 0;
  }
  void send(packet::PacketBuffer& sent) override {
    last_sent = sent;
    ++counters_.sent;
  }
  void flush() override {}
  void wake() noexcept override {}
  const io::IoCounters& counters() const noexcept override { return counters_; }
  void arrive() noexcept { waiting_ = true; }

  packet::PacketBuffer packet;
  packet::PacketBuffer last_sent;

 private:
  bool waiting_ = false;
  io::PortHandle next_handle_ = 0;
  io::IoCounters counters_;
};

session::LegPlan leg_of(std::uint32_t id, const SocketAddress& peer, const codec::Format& format) {
  session::LegPlan leg;
  leg.id = {id};
  leg.remote_rtp = peer;
  leg.formats = {format};
  return leg;
}

/// A shard with one call: a phone that speaks PCMU to a trunk.
struct Scene {
  explicit Scene(session::PayloadAction action, const codec::Format& of_trunk) {
    auto made = std::make_unique<HandDriven>();
    io = made.get();
    shard.emplace(std::move(made), rtcp::NtpClock{clock.now(), common::WallTime{}}, clock.now());
    session::SessionPlan plan;
    plan.legs.push_back(leg_of(1, kPhone, kPcmu));
    plan.legs.push_back(leg_of(2, kTrunk, of_trunk));
    plan.paths.push_back({.from = {1}, .to = {2}, .payloads = {{0, std::move(action)}}, .own_stream = {.ssrc = 7}});
    shard->on_command(ApplyPlan{{1}, std::move(plan)}, clock.now());
  }

  void talk(int packets) {
    for (int i = 0; i < packets; ++i) {
      const std::uint16_t sequence = next_sequence++;
      REQUIRE(rtp::write_packet(io->packet, {0, false, sequence, 160u * sequence, {99}}, payload));
      io->packet.remote = kPhone;
      io->packet.port_handle = 0;
      io->arrive();
      clock.advance(20ms);
      const std::uint64_t before = tests::allocations();
      shard->run_once(clock.now(), std::nullopt, [&] { return clock.now(); });
      allocated += tests::allocations() - before;
    }
  }

  common::ManualClock clock;
  HandDriven* io = nullptr;
  std::optional<Shard> shard;
  const common::Bytes payload = common::Bytes(160, std::uint8_t{0x55});
  std::uint16_t next_sequence = 1;
  std::uint64_t allocated = 0;
};

}  // namespace

TEST_CASE("a shard publishes what its calls have transcoded, also when they have ended", "[shard]") {
  Scene scene(session::Transcode{kPcmu, kOpus}, kOpus);
  scene.talk(10);
  scene.shard->on_command(RemoveSession{{1}, {1}}, scene.clock.now());
  scene.shard->run_once(scene.clock.now(), std::nullopt, [&] { return scene.clock.now(); });
  const auto count = [&](std::string_view name) {
    const auto at = std::ranges::find(codec::kTranscoderCounters, name, &codec::TranscoderCounter::name);
    return scene.shard->counters().transcoded[static_cast<std::size_t>(at - codec::kTranscoderCounters.begin())].load();
  };
  CHECK(count("decoded") == 10);
  CHECK(count("encoded") == 10);
  CHECK(count("concealed") == 0);
}

TEST_CASE("a leg that a new plan leaves out says BYE before its port closes", "[shard]") {
  const bool transcodes = GENERATE(false, true);
  CAPTURE(transcodes);
  Scene scene(transcodes ? session::PayloadAction{session::Transcode{kPcmu, kOpus}} : session::Forward{0},
              transcodes ? kOpus : kPcmu);
  scene.talk(10);
  const std::uint64_t sent = scene.io->counters().sent;
  scene.shard->on_command(ApplyPlan{{1}, {}}, scene.clock.now());
  REQUIRE(scene.io->counters().sent == sent + 1);  // the phone was sent nothing that could end
  CHECK(scene.io->last_sent.remote == kTrunk);
  auto compound = rtcp::CompoundView::parse(scene.io->last_sent.span());
  REQUIRE(compound);
  std::optional<rtcp::ByeView> bye;
  while (const auto part = compound->next()) bye = rtcp::ByeView::from(*part);
  REQUIRE(bye);
  REQUIRE(bye->source_count() == 1);
  CHECK(bye->source(0).value == (transcodes ? 7U : 99U));
}

TEST_CASE("a cycle of a shard allocates nothing, timers and reports of its own included", "[shard][allocations]") {
  const bool transcodes = GENERATE(false, true);
  CAPTURE(transcodes);
  Scene scene(transcodes ? session::PayloadAction{session::Transcode{kPcmu, kOpus}} : session::Forward{0},
              transcodes ? kOpus : kPcmu);
  scene.talk(100);
  scene.allocated = 0;
  const std::uint64_t sent = scene.io->counters().sent;
  scene.talk(1000);
  CHECK(scene.io->counters().sent - sent >= 1000);
  CHECK(scene.allocated == 0);
}
