#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/net/address.h"
#include "common/time/instant.h"
#include "relay/ice/plan.h"

namespace relay::stun {
class MessageView;
}

namespace relay::ice {

class Generation;

/// To be sent from the local port of `component`.
struct Send {
  Component component;
  common::SocketAddress remote;
  common::Bytes bytes;
};
/// Media of `component` goes to `remote` from now on. May come again: a better or later nomination, an ICE restart.
struct Selected {
  Component component;
  common::SocketAddress remote;
};
/// The peer stopped agreeing to receive on the selected pair, RFC 7675 §5.1: send it nothing more. A later Selected
/// of the component ends this state.
struct ConsentLost {
  Component component;
};
/// No pair works and none can any more, RFC 8445 §8.1 with the patience of RFC 8863. An ICE restart ends this state.
struct Failed {};
using AgentOutput = std::variant<Send, Selected, ConsentLost, Failed>;

/// ICE of one leg (one data stream of one or two components), RFC 8445 with consent freshness, RFC 7675.
/// Full or lite, controlling or controlled, as the plan says. Push one input, drain poll_output(), then sleep until
/// next_timeout(). Media never passes through here. Tables are bounded whatever a peer sends.
class IceAgent {
 public:
  enum class State : std::uint8_t { Checking, Connected, Disconnected, Failed };

  /// `random` (transaction ids, intervals of consent checks) outlives the agent.
  IceAgent(Plan plan, common::crypto::Random& random, common::Instant now);
  ~IceAgent();
  IceAgent(IceAgent&&) noexcept;
  IceAgent& operator=(IceAgent&&) noexcept;

  /// Takes the plan of the next offer/answer exchange; an unchanged one changes nothing. New local credentials, or new
  /// remote ones while some are known, restart ICE: the pair in use goes on until a new one is nominated. New remote
  /// candidates are added, signalled ones are never taken back, components without local candidate are dropped.
  void update(Plan plan, common::Instant now);

  /// A datagram that packet::classify() calls Stun, received on the port of `component`. Anything not meant for this
  /// agent is dropped silently or answered with an error (400, 401; at most ten a second).
  void on_datagram(common::ByteSpan datagram, Component component, const common::SocketAddress& remote,
                   common::Instant now);
  void on_timeout(common::Instant now);

  std::optional<AgentOutput> poll_output();
  std::optional<common::Instant> next_timeout() const noexcept;

  /// True when `remote` has sent a check with our username and a good MESSAGE-INTEGRITY to `component`, or answered
  /// ours. A DTLS ClientHello from there may be taken before any pair is selected.
  bool is_validated(Component component, const common::SocketAddress& remote) const noexcept;
  /// Where media of `component` goes; nullopt before the first nomination and after lost consent.
  std::optional<common::SocketAddress> selected(Component component) const noexcept;
  /// Connected when every component has a selected pair.
  State state() const noexcept;

 private:
  void restart(Plan plan, common::Instant now);
  void on_request(const stun::MessageView& request, Component component, const common::SocketAddress& remote,
                  common::Instant now);
  Generation* addressee(std::string_view username) const noexcept;
  void refuse(const stun::MessageView& request, std::uint16_t code, Component component,
              const common::SocketAddress& remote, common::Instant now);
  void collect();

  common::crypto::Random* random_;
  std::unique_ptr<Generation> current_;
  std::unique_ptr<Generation> previous_;  // still carries media while a restart is under way
  common::Instant refusals_since_;
  unsigned refusals_ = 0;
  std::deque<AgentOutput> outputs_;
};

}  // namespace relay::ice
