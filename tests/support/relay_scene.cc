#include "tests/support/relay_scene.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "common/base/overload.h"
#include "relay/dtls/certificate.h"
#include "relay/packet/demux.h"
#include "tests/support/allocations.h"

namespace tests {

namespace session = relay::session;
using session::PortRole;

namespace {

constexpr std::size_t kRemembered = 64;

void keep_earliest(std::optional<common::Instant>& earliest, std::optional<common::Instant> at) {
  if (at && (!earliest || *at < *earliest)) earliest = at;
}

}  // namespace

RelayScene::RelayScene(Impairment impairment, std::uint64_t seed)
    : random(seed),
      link_(seed + 1000, impairment),
      certificate_(relay::dtls::Certificate::make(random, common::WallTime{std::chrono::hours{500'000}})),
      call_("scene", session::SessionId{1}, 0, "cname", common::WallTime{}),
      session_(std::make_unique<session::Session>(session::SessionId{1}, *this, *this, counters, random,
                                                  relay::rtcp::NtpClock{clock.now(), common::WallTime{}}, clock.now())),
      next_frame_(clock.now()) {}

RelayScene::~RelayScene() { session_.reset(); }

Party& RelayScene::add(Party::Traits traits) {
  const auto theirs = relay::dtls::Certificate::make(random, common::WallTime{std::chrono::hours{500'000}});
  return *parties_.emplace_back(std::make_unique<Party>(std::move(traits), random, theirs));
}

relay::negotiation::Environment RelayScene::environment() {
  return {random, certificate_, false, [this] { return session::LegId{++last_leg_}; },
          [this](std::string_view, std::optional<common::IpAddress::Family>)
              -> common::Result<std::shared_ptr<relay::negotiation::PortPair>, relay::negotiation::PortError> {
            const common::SocketAddress rtp{*common::IpAddress::parse("192.0.2.10"), common::Port{next_port_}};
            next_port_ = static_cast<std::uint16_t>(next_port_ + 2);
            return std::make_shared<relay::negotiation::PortPair>(rtp, rtp.ip, common::Fd{}, common::Fd{}, nullptr);
          }};
}

void RelayScene::exchange(Party& from, Party& to, const std::string& flags, bool offering) {
  Party& offerer = offering ? from : to;
  Party& answerer = offering ? to : from;
  const auto request = ng::read_request({{"command", offering ? "offer" : "answer"},
                                         {"call-id", "scene"},
                                         {"from-tag", offerer.traits.tag},
                                         {"to-tag", answerer.traits.tag},
                                         {"sdp", offering ? from.offer() : from.answer()},
                                         {"rtpp-flags", flags}});
  REQUIRE(request);
  auto surroundings = environment();
  const auto result = offering ? call_.offer(*request, surroundings) : call_.answer(*request, surroundings);
  if (!result) FAIL(result.error().reason);
  said = *result;
  apply();
  to.take(said, clock.now());
  post_outboxes();
}

void RelayScene::apply() {
  auto plan = call_.plan(environment(), media_timeout);
  session_->apply(std::move(plan), clock.now());
}

void RelayScene::offer(Party& from, Party& to, const std::string& flags) { exchange(from, to, flags, true); }
void RelayScene::answer(Party& from, Party& to, const std::string& flags) { exchange(from, to, flags, false); }

void RelayScene::end() {
  session_->end(clock.now());
  session_.reset();
  run(std::chrono::seconds{1});
}

const session::LegReport RelayScene::leg_of(const Party& party) const {
  for (const auto& leg : report().legs) {
    if (leg.label == party.traits.tag + "/0") return leg;
  }
  FAIL("no leg of " << party.traits.tag);
  return {};
}

std::uint32_t RelayScene::open_port(common::Fd) {
  ports_.push_back({.open = true});
  return static_cast<std::uint32_t>(ports_.size() - 1);
}

void RelayScene::own_port(std::uint32_t handle, session::Leg& leg, PortRole role) {
  ports_[handle] = {&leg, role, true};
}

void RelayScene::close_port(std::uint32_t handle) { ports_[handle] = {}; }

std::size_t RelayScene::open_ports() const {
  return static_cast<std::size_t>(std::ranges::count(ports_, true, &OwnedPort::open));
}

common::SocketAddress RelayScene::address_of(const OwnedPort& port) const {
  const auto report = port.leg->report(clock.now());
  return port.role == PortRole::Rtp ? report.rtp.local : report.rtcp->local;
}

void RelayScene::send(relay::packet::PacketBuffer& packet) {
  const Uncounted uncounted;
  const OwnedPort& port = ports_[packet.port_handle];
  REQUIRE(port.leg != nullptr);
  const auto bytes = packet.span();
  link_.send({address_of(port), packet.remote}, common::Bytes(bytes.begin(), bytes.end()), clock.now());
}

void RelayScene::post_outboxes() {
  for (const auto& party : parties_) {
    auto& remembered = sent_[party.get()];
    for (auto& [route, bytes] : party->outbox) {
      remembered.emplace_back(route, bytes);
      if (remembered.size() > kRemembered) remembered.pop_front();
      link_.send(route, std::move(bytes), clock.now());
    }
    party->outbox.clear();
  }
}

void RelayScene::replay_last_packets_of(const Party& from, std::size_t count) {
  const auto& remembered = sent_.at(&from);
  for (std::size_t i = remembered.size() - std::min(count, remembered.size()); i < remembered.size(); ++i) {
    link_.send(remembered[i].first, remembered[i].second, clock.now());
  }
}

std::optional<common::Instant> RelayScene::next_event() const {
  std::optional<common::Instant> earliest = link_.next_arrival();
  if (session_) keep_earliest(earliest, session_->next_timeout());
  for (const auto& party : parties_) keep_earliest(earliest, party->next_timeout());
  if (!talkers_.empty()) keep_earliest(earliest, next_frame_);
  return earliest;
}

void RelayScene::deliver() {
  while (auto delivery = link_.receive(clock.now())) {
    const auto [from, to] = delivery->label;
    for (const auto& party : parties_) {
      if (party->owns(to)) party->on_datagram(to, from, delivery->bytes, clock.now());
    }
    for (const OwnedPort& port : std::vector<OwnedPort>(ports_)) {
      if (port.leg == nullptr || address_of(port) != to) continue;
      relay::packet::PacketBuffer packet;
      packet.assign(delivery->bytes);
      packet.remote = from;
      hand_over(port, packet);
    }
    post_outboxes();
  }
}

void RelayScene::hand_over(const OwnedPort& port, relay::packet::PacketBuffer& packet) {
  const bool media = relay::packet::classify(packet.span()) == relay::packet::DatagramKind::Rtp;
  const std::uint64_t before = allocations();
  port.leg->on_datagram(packet, port.role, clock.now());
  if (!media) return;
  media_allocations += allocations() - before;
  ++media_packets;
}

void RelayScene::fire_timers() {
  const auto due = [&](std::optional<common::Instant> at) { return at && *at <= clock.now(); };
  for (const auto& party : parties_) {
    if (due(party->next_timeout())) party->on_timeout(clock.now());
  }
  if (session_ && due(session_->next_timeout())) session_->on_timeout(clock.now());
  if (!talkers_.empty() && next_frame_ <= clock.now()) {
    for (const auto& talk : talkers_) talk();
    next_frame_ = clock.now() + std::chrono::milliseconds{20};
  }
  post_outboxes();
}

void RelayScene::collect_failures() {
  while (const auto failure = session_ ? session_->poll_failure() : std::nullopt) failures.push_back(failure->first);
}

void RelayScene::run(common::Duration time) {
  const common::Instant end = clock.now() + time;
  next_frame_ = std::max(next_frame_, clock.now());
  post_outboxes();
  for (int step = 0;; ++step) {
    REQUIRE(step < 1'000'000);  // a timer that is due for ever
    const auto next = next_event();
    if (!next || *next > end) break;
    clock.advance_to(*next);
    deliver();
    fire_timers();
    collect_failures();
  }
  clock.advance_to(end);
}

}  // namespace tests
