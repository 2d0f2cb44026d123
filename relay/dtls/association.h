#pragma once

#include <openssl/ssl.h>

#include <deque>
#include <memory>
#include <optional>

#include "relay/dtls/datagram_bio.h"
#include "relay/dtls/dtls_transport.h"
#include "relay/dtls/record.h"

namespace relay::dtls {

/// What a DtlsTransport is inside: one `SSL`, how far it has come, and what has to leave. Address-stable: OpenSSL
/// points into it. Internal to this folder; the functions are those of DtlsTransport.
class DtlsTransport::Association {
 public:
  Association(std::shared_ptr<const Certificate> certificate, Role role, std::optional<Fingerprint> remote,
              TransportOptions options);

  void start(common::Instant now);
  void set_remote_fingerprint(const Fingerprint& remote, common::Instant now);
  void on_datagram(common::ByteSpan datagram, common::Instant now);
  void on_timeout(common::Instant now);
  void close(common::Instant now);
  std::optional<TransportOutput> poll_output();
  std::optional<common::Instant> next_timeout() const noexcept;

  State state = State::Idle;
  const Role role;

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };

  bool may_take(const Record& record) noexcept;
  void on_record(common::ByteSpan record);
  void shake_hands();
  void read_alerts();
  void on_handshake_complete();
  void verify();
  void release_keys();
  void shut_down();
  void fail(Failed::Why why);
  void collect();
  bool in_handshake() const noexcept { return state == State::Idle || state == State::Handshaking; }
  bool over() const noexcept { return state == State::Closed || state == State::Failed; }

  std::shared_ptr<const Certificate> certificate_;  // shared by every leg: owns the SSL_CTX
  std::optional<Fingerprint> remote_;
  TransportOptions options_;
  DatagramBio bio_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::size_t early_records_ = 0;
  std::optional<common::Instant> give_up_at_;
  common::Instant now_;
  std::deque<TransportOutput> outputs_;
};

}  // namespace relay::dtls
