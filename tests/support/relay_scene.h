#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/time/manual_clock.h"
#include "relay/control/call.h"
#include "relay/session/session.h"
#include "tests/support/lossy_link.h"
#include "tests/support/relay_party.h"

/// A whole call in memory: parties with real ICE, DTLS and SRTP of their own, the relay's negotiation and session
/// between them, and a network that loses, repeats and reorders. Time stands still but for run().
namespace tests {

class RelayScene final : public relay::session::PortOpener, public relay::packet::PacketSink {
 public:
  explicit RelayScene(Impairment impairment = {.delay = std::chrono::milliseconds{5}}, std::uint64_t seed = 1);
  ~RelayScene() override;

  Party& add(Party::Traits traits);

  /// The relay's part of an offer or answer; fails the test on an error. What it says goes to the other party.
  void offer(Party& from, Party& to, const std::string& flags);
  void answer(Party& from, Party& to, const std::string& flags);
  /// The SDP of the last exchange, as the relay gave it.
  std::string said;

  /// Lets datagrams travel, timers fire and talkers talk.
  void run(common::Duration time);
  /// Called every 20 ms from now on, for each party that shall speak.
  void every_frame(std::function<void()> talk) { talkers_.push_back(std::move(talk)); }
  void set(Impairment impairment) { link_.set(impairment); }
  /// Sends what `from` has sent before once more, as a replaying network would.
  void replay_last_packets_of(const Party& from, std::size_t count);
  /// As a shard ends a session: goodbyes, then the ports close.
  void end();

  relay::session::SessionReport report() const { return session_->report(clock.now()); }
  const relay::session::LegReport leg_of(const Party& party) const;

  common::ManualClock clock;
  common::crypto::SeededRandom random;
  relay::session::Counters counters;
  common::Duration media_timeout = std::chrono::seconds{60};
  std::uint64_t media_packets = 0;      // RTP that reached the relay
  std::uint64_t media_allocations = 0;  // made by the relay for it
  std::vector<relay::session::EndCause> failures;

  std::uint32_t open_port(common::Fd socket) override;
  void own_port(std::uint32_t handle, relay::session::Leg& leg, relay::session::PortRole role) override;
  void close_port(std::uint32_t handle) override;
  void send(relay::packet::PacketBuffer& packet) override;
  std::size_t open_ports() const;

 private:
  struct OwnedPort {
    relay::session::Leg* leg = nullptr;
    relay::session::PortRole role = relay::session::PortRole::Rtp;
    bool open = false;
  };

  relay::negotiation::Environment environment();
  void exchange(Party& from, Party& to, const std::string& flags, bool offering);
  void apply();
  common::SocketAddress address_of(const OwnedPort& port) const;
  std::optional<common::Instant> next_event() const;
  void post_outboxes();
  void deliver();
  void hand_over(const OwnedPort& port, relay::packet::PacketBuffer& packet);
  void fire_timers();
  void collect_failures();

  LossyLink<Route> link_;
  std::shared_ptr<const relay::dtls::Certificate> certificate_;
  std::vector<std::unique_ptr<Party>> parties_;
  std::vector<OwnedPort> ports_;
  relay::control::Call call_;
  std::unique_ptr<relay::session::Session> session_;
  std::vector<std::function<void()>> talkers_;
  common::Instant next_frame_;
  std::uint16_t next_port_ = 30000;
  std::uint32_t last_leg_ = 0;
  std::map<const Party*, std::deque<std::pair<Route, common::Bytes>>> sent_;
};

}  // namespace tests
