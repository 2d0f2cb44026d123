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
#include "relay/dtls/dtls_transport.h"
#include "relay/ice/ice_agent.h"
#include "relay/negotiation/remote_media.h"
#include "relay/session/session.h"
#include "relay/srtp/srtp_session.h"
#include "tests/support/lossy_link.h"

/// A whole call in memory: parties with real ICE, DTLS and SRTP of their own, the relay's negotiation and session
/// between them, and a network that loses, repeats and reorders. Time stands still but for run().
namespace tests {

struct Route {
  common::SocketAddress from;
  common::SocketAddress to;
};

struct HeardRtp {
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  common::Bytes payload;
  common::Instant at{};
};

/// One party of a call, on one RTP and one RTCP address.
class Party {
 public:
  struct Traits {
    std::string tag;
    common::SocketAddress rtp;
    std::string formats = "0 101";
    std::string codecs = "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n";
    bool dtls = false;
    bool ice = false;
    bool rtcp_mux = false;
    std::optional<relay::srtp::Suite> sdes{};
  };

  Party(Traits traits, common::crypto::Random& random, std::shared_ptr<const relay::dtls::Certificate> certificate);

  std::string offer() { return describe(true); }
  std::string answer() { return describe(false); }
  std::string direction = "sendrecv";
  std::string extra;  // more attribute lines
  /// What the relay said for the other side.
  void take(const std::string& sdp, common::Instant now);

  /// Sends one RTP packet (protected as agreed) once it knows how and where to; false before.
  bool send(std::uint8_t payload_type, std::uint32_t timestamp, common::ByteSpan payload, common::Instant now,
            bool marker = false);
  void send_rtcp(common::ByteSpan compound, common::Instant now);

  void on_datagram(const common::SocketAddress& at, const common::SocketAddress& from, common::ByteSpan datagram,
                   common::Instant now);
  void on_timeout(common::Instant now);
  std::optional<common::Instant> next_timeout() const;

  bool owns(const common::SocketAddress& address) const { return address == traits.rtp || address == rtcp(); }
  bool ready() const;
  common::SocketAddress rtcp() const {
    return {traits.rtp.ip, common::Port{static_cast<std::uint16_t>(traits.rtp.port.value + 1)}};
  }

  Traits traits;
  std::uint32_t ssrc = 0;
  std::uint16_t next_sequence = 0;
  bool silent = false;  // receives nothing and says nothing: killed
  bool dtls_closed = false;
  std::optional<relay::dtls::Failed::Why> dtls_failure;
  std::vector<HeardRtp> heard;
  std::vector<common::Bytes> heard_rtcp;
  std::vector<std::uint32_t> goodbyes;
  unsigned unreadable = 0;  // did not authenticate, or was no RTP
  std::deque<std::pair<Route, common::Bytes>> outbox;
  relay::negotiation::RemoteMedia remote;

 private:
  std::string describe(bool offering);
  void collect(common::Instant now);
  void post(const common::SocketAddress& from, const common::SocketAddress& to, common::Bytes bytes);
  void hear(common::ByteSpan datagram, common::Instant now);
  void hear_rtcp(common::ByteSpan datagram);
  std::optional<common::SocketAddress> destination() const;

  common::crypto::Random& random_;
  std::shared_ptr<const relay::dtls::Certificate> certificate_;
  relay::ice::Credentials credentials_;
  bool offered_ = false;
  std::optional<relay::ice::IceAgent> agent_;
  std::optional<relay::dtls::DtlsTransport> dtls_;
  std::optional<common::SocketAddress> dtls_remote_;
  std::optional<relay::srtp::KeyMaterial> sdes_key_;
  std::optional<relay::srtp::SrtpSession> outbound_;
  std::optional<relay::srtp::SrtpSession> inbound_;
};

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
  common::Duration media_timeout = std::chrono::seconds{60};
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
