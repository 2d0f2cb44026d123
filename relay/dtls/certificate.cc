#include "relay/dtls/certificate.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>

#include "common/base/invariant.h"
#include "relay/dtls/certificate_digest.h"
#include "relay/dtls/contexts.h"

namespace relay::dtls {
namespace {

// decisions/0001: from 3.2 on OpenSSL keeps its retransmission timer elsewhere.
static_assert(OPENSSL_VERSION_NUMBER >= 0x30000000L && OPENSSL_VERSION_NUMBER < 0x30200000L,
              "datagram_bio.cc fences the DTLS timer of OpenSSL 3.0 and 3.1");

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct FreeX509 {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;
using X509Ptr = std::unique_ptr<X509, FreeX509>;

constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA";
constexpr long kMaxPeerChain = 16L * 1024;  // bytes; also bounds each buffered out-of-order handshake message

bool set_validity(X509* certificate, common::WallTime now) {
  using std::chrono::days;
  const auto at = [&](days offset) {
    return std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(now + offset));
  };
  return ASN1_TIME_set(X509_getm_notBefore(certificate), at(days{-1})) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), at(days{365})) != nullptr;
}

bool set_names(X509* certificate, common::crypto::Random& random) {
  common::Bytes serial = random.bytes(8);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7F) | 0x40);  // positive and of full length
  const std::string name = random.hex(8);
  X509_NAME* subject = X509_get_subject_name(certificate);
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), common::load_be64(serial.data())) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common::as_bytes(name).data(),
                                    static_cast<int>(name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

X509Ptr self_sign(EVP_PKEY* key, common::crypto::Random& random, common::WallTime now) {
  X509Ptr certificate(X509_new());
  const bool made = certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                    set_validity(certificate.get(), now) && set_names(certificate.get(), random) &&
                    X509_set_pubkey(certificate.get(), key) == 1 && X509_sign(certificate.get(), key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

/// Every certificate is taken here; what it proves is decided by the fingerprint, RFC 5763 §5.
int accept_any_certificate(X509_STORE_CTX*, void*) { return 1; }

ContextPtr make_context(const SSL_METHOD* method, X509* certificate, EVP_PKEY* key) {
  ContextPtr context(SSL_CTX_new(method));
  SSL_CTX* raw = context.get();
  if (raw == nullptr || SSL_CTX_set_min_proto_version(raw, DTLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(raw, DTLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(raw, kCiphers) != 1 ||
      SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") != 1 || SSL_CTX_use_certificate(raw, certificate) != 1 ||
      SSL_CTX_use_PrivateKey(raw, key) != 1) {
    return nullptr;
  }
  SSL_CTX_set_options(raw, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(raw, kMaxPeerChain);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(raw, accept_any_certificate, nullptr);
  return context;
}

}  // namespace

Certificate::Certificate(std::unique_ptr<Contexts> contexts, Fingerprint fingerprint)
    : contexts_(std::move(contexts)), fingerprint_(std::move(fingerprint)) {}
Certificate::~Certificate() = default;

std::shared_ptr<const Certificate> Certificate::make(common::crypto::Random& random, common::WallTime now) {
  INVARIANT(OpenSSL_version_num() < 0x30200000UL, "the DTLS timer is fenced for OpenSSL 3.0 and 3.1 only");
  const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!key) return nullptr;
  const X509Ptr certificate = self_sign(key.get(), random, now);
  if (!certificate) return nullptr;
  auto fingerprint = fingerprint_of(certificate.get(), "sha-256");
  auto contexts = std::make_unique<Contexts>();
  contexts->active = make_context(DTLS_client_method(), certificate.get(), key.get());
  contexts->passive = make_context(DTLS_server_method(), certificate.get(), key.get());
  if (!fingerprint || !contexts->active || !contexts->passive) return nullptr;
  return std::shared_ptr<const Certificate>(new Certificate(std::move(contexts), std::move(*fingerprint)));
}

}  // namespace relay::dtls
