#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <variant>

#include "common/crypto/random.h"
#include "relay/ice/ice_agent.h"
#include "relay/session/handshake.h"
#include "relay/session/plan.h"
#include "relay/session/port_role.h"

namespace relay::session {

/// What a leg does besides media: ICE, and DTLS on each port that needs keys of its own. Finds out where the peer is,
/// that it consents, and the keys; media never passes through here.
/// Push one input, drain poll_output(), then sleep until next_timeout().
class Connectivity {
 public:
  struct Send {
    PortRole port;
    common::SocketAddress remote;
    common::Bytes datagram;
  };
  /// ICE decided: media of this port goes there from now on.
  struct Selected {
    PortRole port;
    common::SocketAddress remote;
  };
  /// RFC 7675: nothing more is sent from this port until it is selected again.
  struct Unreachable {
    PortRole port;
  };
  struct Keyed {
    PortRole port;
    srtp::KeyMaterial send;
    srtp::KeyMaterial receive;
  };
  struct Unkeyed {
    PortRole port;
    bool failed = false;
  };
  using Output = std::variant<Send, Selected, Unreachable, Keyed, Unkeyed>;

  /// `random` outlives this.
  explicit Connectivity(common::crypto::Random& random) noexcept : random_(&random) {}

  /// What runs goes on as far as the new plan allows. `plan` names ICE and DTLS, or neither.
  void configure(const LegPlan& plan, common::Instant now);

  void on_stun(common::ByteSpan datagram, PortRole port, const common::SocketAddress& source, common::Instant now);
  /// A DTLS datagram of a source that may_speak(), or that the leg has learnt.
  void on_dtls(common::ByteSpan datagram, PortRole port, const common::SocketAddress& source, common::Instant now);
  void on_timeout(common::Instant now);
  /// Tells the peer that the keys are over.
  void close(common::Instant now);

  std::optional<Output> poll_output();
  std::optional<common::Instant> next_timeout() const noexcept;

  bool uses_ice() const noexcept { return agent_.has_value(); }
  bool uses_dtls() const noexcept { return handshakes_[0].has_value(); }
  /// The port has keys of its own, not those of the RTP port.
  bool has_own_keys(PortRole port) const noexcept { return handshakes_[index_of(port)].has_value(); }
  /// True for a source that a connectivity check has proven.
  bool may_speak(PortRole port, const common::SocketAddress& source) const noexcept;
  bool ice_connected() const noexcept;
  bool dtls_connected() const noexcept;

 private:
  void configure_ice(const LegPlan& plan, common::Instant now);
  void configure_dtls(const LegPlan& plan, common::Instant now);
  void reach(PortRole port, const common::SocketAddress& remote, common::Instant now);
  void collect(common::Instant now);
  void collect_ice(common::Instant now);
  void collect_dtls(PortRole port);

  common::crypto::Random* random_;
  std::optional<ice::IceAgent> agent_;
  std::array<std::optional<Handshake>, 2> handshakes_;  // by port; RTCP's only without rtcp-mux
  std::deque<Output> outputs_;
};

}  // namespace relay::session
