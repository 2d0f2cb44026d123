#pragma once

#include <optional>
#include <variant>

#include "relay/dtls/dtls_transport.h"
#include "relay/session/plan.h"

namespace relay::session {

/// DTLS on one port, over all associations that port sees: the first one, those after a peer closed or failed one, and
/// those with a new peer (another fingerprint).
class Handshake {
 public:
  struct Send {
    common::SocketAddress remote;
    common::Bytes datagram;
  };
  struct Keyed {
    srtp::KeyMaterial send;
    srtp::KeyMaterial receive;
  };
  /// The keys given out last are over. `failed`: nobody closed the association, it went wrong.
  struct Unkeyed {
    bool failed = false;
  };
  using Output = std::variant<Send, Keyed, Unkeyed>;

  Handshake(const DtlsSecurity& plan, common::Instant now);

  /// Keeps a running association unless the plan names another peer.
  void configure(const DtlsSecurity& plan, common::Instant now);
  /// Where the peer is. The active side begins as soon as that is known.
  void reach(const common::SocketAddress& remote, common::Instant now);
  /// `source` may speak for the peer: the caller has decided that.
  void on_datagram(common::ByteSpan datagram, const common::SocketAddress& source, common::Instant now);
  void on_timeout(common::Instant now) { transport_.on_timeout(now); }
  void close(common::Instant now) { transport_.close(now); }

  std::optional<Output> poll_output();
  std::optional<common::Instant> next_timeout() const noexcept { return transport_.next_timeout(); }
  bool connected() const noexcept { return transport_.state() == dtls::DtlsTransport::State::Connected; }

 private:
  /// Whoever breaks associations on purpose costs us no more than these.
  static constexpr unsigned kMaxAssociations = 16;

  bool over() const noexcept;
  bool needs_new(const DtlsSecurity& plan) const noexcept;
  void renew(common::Instant now);
  void start(common::Instant now);

  DtlsSecurity plan_;
  dtls::DtlsTransport transport_;
  std::optional<common::SocketAddress> remote_;
  unsigned associations_ = 1;
  bool keys_ended_ = false;  // a new association replaced one that had given keys
};

}  // namespace relay::session
