#include "relay/dtls/dtls_transport.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string>

#include "common/base/invariant.h"
#include "common/crypto/digest.h"
#include "relay/dtls/contexts.h"
#include "relay/dtls/datagram_bio.h"
#include "relay/dtls/record.h"

namespace relay::dtls {
namespace {

/// OpenSSL keeps records of the next epoch that overtake the handshake, each in a buffer of 16 kB.
constexpr std::size_t kMaxEarlyRecords = 16;
constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";  // RFC 5764 §4.2

struct FreeSsl {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
struct FreeX509 {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

std::string profile_list(const std::vector<srtp::Suite>& suites) {
  std::string list;
  for (const srtp::Suite suite : suites) {
    if (!list.empty()) list += ':';
    list += srtp::facts_of(suite).dtls_profile;
  }
  return list;
}

const EVP_MD* hash_named(std::string_view name) noexcept {
  if (name == "sha-256") return EVP_sha256();
  if (name == "sha-1") return EVP_sha1();
  if (name == "sha-224") return EVP_sha224();
  if (name == "sha-384") return EVP_sha384();
  if (name == "sha-512") return EVP_sha512();
  return nullptr;
}

bool has_fingerprint(const X509* certificate, const Fingerprint& expected) {
  const EVP_MD* hash = hash_named(expected.hash);
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  return hash != nullptr && X509_digest(certificate, hash, digest, &size) == 1 &&
         common::crypto::constant_time_equal({digest, size}, expected.digest);
}

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

DtlsTransport::Association::Association(std::shared_ptr<const Certificate> certificate, Role role_of_ours,
                                        std::optional<Fingerprint> remote, TransportOptions options)
    : role(role_of_ours),
      certificate_(std::move(certificate)),
      remote_(std::move(remote)),
      options_(std::move(options)),
      bio_(options_.first_retransmission) {
  const auto& contexts = certificate_->contexts();
  ssl_.reset(SSL_new(role == Role::Active ? contexts.active.get() : contexts.passive.get()));
  // Zero is success here.
  if (!ssl_ || !bio_.attach(ssl_.get()) ||
      SSL_set_tlsext_use_srtp(ssl_.get(), profile_list(options_.suites).c_str()) != 0) {
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
  if (SSL_get_selected_srtp_profile(ssl_.get()) == nullptr) {
    shut_down();
    fail(Failed::Why::NoSuite);
  } else if (remote_) {
    verify();
  }
}

void DtlsTransport::Association::verify() {
  const std::unique_ptr<X509, FreeX509> theirs(SSL_get1_peer_certificate(ssl_.get()));
  if (theirs && has_fingerprint(theirs.get(), *remote_)) {
    release_keys();
    return;
  }
  shut_down();
  fail(Failed::Why::Fingerprint);
}

/// RFC 5764 §4.2: client key, server key, client salt, server salt.
void DtlsTransport::Association::release_keys() {
  const std::string_view profile = SSL_get_selected_srtp_profile(ssl_.get())->name;
  const auto* facts = std::ranges::find(srtp::kSuites, profile, &srtp::SuiteFacts::dtls_profile);
  INVARIANT(facts != std::end(srtp::kSuites), "OpenSSL selects only profiles we offered");
  const std::size_t key = facts->key_length;
  const std::size_t salt = facts->salt_length;
  common::Bytes material(2 * (key + salt));
  if (SSL_export_keying_material(ssl_.get(), material.data(), material.size(), kExporterLabel.data(),
                                 kExporterLabel.size(), nullptr, 0, 0) != 1) {
    fail(Failed::Why::Handshake);
    return;
  }
  const auto side = [&](std::size_t index) {
    srtp::KeyMaterial made{facts->suite, {}};
    const common::ByteSpan all(material);
    const auto key_part = all.subspan(index * key, key);
    const auto salt_part = all.subspan(2 * key + index * salt, salt);
    made.key_and_salt.assign(key_part.begin(), key_part.end());
    made.key_and_salt.insert(made.key_and_salt.end(), salt_part.begin(), salt_part.end());
    return made;
  };
  const bool client = role == Role::Active;
  state = State::Connected;
  outputs_.emplace_back(SrtpKeys{facts->suite, side(client ? 0 : 1), side(client ? 1 : 0)});
  OPENSSL_cleanse(material.data(), material.size());
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

DtlsTransport::DtlsTransport(std::shared_ptr<const Certificate> certificate, Role role,
                             std::optional<Fingerprint> remote, TransportOptions options)
    : association_(std::make_unique<Association>(std::move(certificate), role, std::move(remote), std::move(options))) {
}
DtlsTransport::~DtlsTransport() = default;
DtlsTransport::DtlsTransport(DtlsTransport&&) noexcept = default;
DtlsTransport& DtlsTransport::operator=(DtlsTransport&&) noexcept = default;

void DtlsTransport::start(common::Instant now) { association_->start(now); }
void DtlsTransport::set_remote_fingerprint(const Fingerprint& remote, common::Instant now) {
  association_->set_remote_fingerprint(remote, now);
}
void DtlsTransport::on_datagram(common::ByteSpan datagram, common::Instant now) {
  association_->on_datagram(datagram, now);
}
void DtlsTransport::on_timeout(common::Instant now) { association_->on_timeout(now); }
void DtlsTransport::close(common::Instant now) { association_->close(now); }
std::optional<TransportOutput> DtlsTransport::poll_output() { return association_->poll_output(); }
std::optional<common::Instant> DtlsTransport::next_timeout() const noexcept { return association_->next_timeout(); }
DtlsTransport::State DtlsTransport::state() const noexcept { return association_->state; }
Role DtlsTransport::role() const noexcept { return association_->role; }

}  // namespace relay::dtls
