#include "relay/dtls/association.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <utility>

#include "common/crypto/digest.h"
#include "relay/dtls/certificate_digest.h"
#include "relay/dtls/contexts.h"
#include "relay/dtls/srtp_keying.h"

namespace relay::dtls {
namespace {

/// OpenSSL keeps records of the next epoch that overtake the handshake, each in a buffer of 16 kB.
constexpr std::size_t kMaxEarlyRecords = 16;

struct FreeX509 {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

/// Bytes that encryption adds to a record: with ChaCha20-Poly1305 a tag (RFC 7905), with AES-GCM and anything else we
/// offer a nonce and a tag at least (RFC 5288).
std::size_t least_overhead(const SSL* ssl) noexcept {
  const SSL_CIPHER* cipher = SSL_get_pending_cipher(ssl);
  if (cipher == nullptr) cipher = SSL_get_current_cipher(ssl);
  const bool chacha = cipher != nullptr && SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305;
  return chacha ? 16 : 24;
}

/// A finished association holds no record buffers (33 kB); DTLS writes through a missing one, so every later call gets
/// them for its duration.
class BorrowedBuffers {
 public:
  explicit BorrowedBuffers(SSL* ssl) noexcept : ssl_(ssl), held_(SSL_alloc_buffers(ssl) == 1) {}
  BorrowedBuffers(const BorrowedBuffers&) = delete;
  BorrowedBuffers& operator=(const BorrowedBuffers&) = delete;
  ~BorrowedBuffers() { SSL_free_buffers(ssl_); }
  explicit operator bool() const noexcept { return held_; }

 private:
  SSL* ssl_;
  bool held_;
};

}  // namespace

DtlsTransport::Association::Association(std::shared_ptr<const Certificate> certificate, Role role_of_ours,
                                        std::optional<Fingerprint> remote, TransportOptions options)
    : role(role_of_ours),
      certificate_(std::move(certificate)),
      remote_(std::move(remote)),
      options_(std::move(options)),
      bio_(options_.first_retransmission) {
  const auto& contexts = certificate_->contexts();
  ssl_.reset(SSL_new(role == Role::Active ? contexts.active.get() : contexts.passive.get()));
  if (!ssl_ || !bio_.attach(ssl_.get()) || !offer_profiles(ssl_.get(), options_.suites)) {
    fail(Failed::Why::Handshake);
    return;
  }
  SSL_set_mtu(ssl_.get(), options_.mtu);
  if (role == Role::Active) {
    SSL_set_connect_state(ssl_.get());
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

void DtlsTransport::Association::start(common::Instant now) {
  if (role != Role::Active || state != State::Idle) return;
  now_ = now;
  shake_hands();
}

void DtlsTransport::Association::set_remote_fingerprint(const Fingerprint& remote, common::Instant now) {
  now_ = now;
  remote_ = remote;
  if (state == State::Unverified) verify();
  collect();
}

void DtlsTransport::Association::on_datagram(common::ByteSpan datagram, common::Instant now) {
  if (role == Role::Active && state == State::Idle) return;
  now_ = now;
  // Record by record, so that each is judged by what the one before it has changed.
  for (auto record = take_record(datagram); record && !over(); record = take_record(datagram)) {
    if (may_take(*record)) on_record(record->bytes);
  }
}

void DtlsTransport::Association::on_record(common::ByteSpan record) {
  bio_.offer(record);
  if (in_handshake()) {
    shake_hands();
  } else {
    read_alerts();
  }
  bio_.withdraw();
}

/// OpenSSL takes an encrypted record too short for its nonce and tag for a fault of its own and gives the association
/// up, whoever sent it. Encrypted records before the peer's ChangeCipherSpec are rare (reordering) and dear to keep.
bool DtlsTransport::Association::may_take(const Record& record) noexcept {
  if (record.epoch == 0) return true;
  if (record.bytes.size() < kRecordHeaderSize + least_overhead(ssl_.get())) return false;
  if (!in_handshake()) return true;
  const OSSL_HANDSHAKE_STATE step = SSL_get_state(ssl_.get());
  if (step == TLS_ST_SR_CHANGE || step == TLS_ST_CR_CHANGE) return true;
  return early_records_++ < kMaxEarlyRecords;
}

void DtlsTransport::Association::on_timeout(common::Instant now) {
  if (over()) return;
  now_ = now;
  if (give_up_at_ && *give_up_at_ <= now) {
    fail(Failed::Why::Timeout);
    return;
  }
  if (!bio_.retransmission_at() || *bio_.retransmission_at() > now) return;
  bio_.set_now(now);
  bio_.expire();
  ERR_clear_error();
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) fail(Failed::Why::Timeout);
  collect();
}

void DtlsTransport::Association::shake_hands() {
  bio_.set_now(now_);
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
  collect();
  if (result == 1) {
    on_handshake_complete();
  } else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
    fail(Failed::Why::Handshake);
  }
}

/// After the handshake only alerts and repeated flights matter; application data has no user and is thrown away.
void DtlsTransport::Association::read_alerts() {
  bio_.set_now(now_);
  ERR_clear_error();
  const BorrowedBuffers buffers(ssl_.get());
  if (!buffers) return;
  std::uint8_t unused[256];
  int result = 0;
  do {
    result = SSL_read(ssl_.get(), unused, sizeof unused);
  } while (result > 0);
  const int error = SSL_get_error(ssl_.get(), result);
  collect();
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  if (error == SSL_ERROR_ZERO_RETURN) shut_down();
  state = State::Closed;
  outputs_.emplace_back(Closed{});
}

void DtlsTransport::Association::on_handshake_complete() {
  give_up_at_.reset();
  SSL_free_buffers(ssl_.get());
  state = State::Unverified;
  if (!has_profile(ssl_.get())) {
    shut_down();
    fail(Failed::Why::NoSuite);
  } else if (remote_) {
    verify();
  }
}

void DtlsTransport::Association::verify() {
  const std::unique_ptr<X509, FreeX509> theirs(SSL_get1_peer_certificate(ssl_.get()));
  const auto shown = theirs ? fingerprint_of(theirs.get(), remote_->hash) : std::nullopt;
  if (shown && common::crypto::constant_time_equal(shown->digest, remote_->digest)) {
    release_keys();
    return;
  }
  shut_down();
  fail(Failed::Why::Fingerprint);
}

void DtlsTransport::Association::release_keys() {
  auto keys = export_keys(ssl_.get(), role);
  if (!keys) {
    fail(Failed::Why::Handshake);
    return;
  }
  state = State::Connected;
  outputs_.emplace_back(std::move(*keys));
}

void DtlsTransport::Association::shut_down() {
  bio_.set_now(now_);
  ERR_clear_error();
  if (const BorrowedBuffers buffers(ssl_.get()); buffers) SSL_shutdown(ssl_.get());
  collect();
}

void DtlsTransport::Association::close(common::Instant now) {
  if (over()) return;
  now_ = now;
  if (state == State::Connected || state == State::Unverified) shut_down();
  state = State::Closed;
}

void DtlsTransport::Association::fail(Failed::Why why) {
  state = State::Failed;
  outputs_.emplace_back(Failed{why});
}

/// Moves what OpenSSL wrote to our outputs; the first byte sent starts the deadline.
void DtlsTransport::Association::collect() {
  while (auto datagram = bio_.take_outgoing()) {
    if (state == State::Idle) {
      state = State::Handshaking;
      give_up_at_ = now_ + options_.handshake_deadline;
    }
    outputs_.emplace_back(Send{std::move(*datagram)});
  }
}

std::optional<TransportOutput> DtlsTransport::Association::poll_output() {
  if (outputs_.empty()) return std::nullopt;
  TransportOutput output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

std::optional<common::Instant> DtlsTransport::Association::next_timeout() const noexcept {
  if (over()) return std::nullopt;
  const auto retransmission = bio_.retransmission_at();
  if (!retransmission || !give_up_at_) return retransmission ? retransmission : give_up_at_;
  return std::min(*retransmission, *give_up_at_);
}

}  // namespace relay::dtls
