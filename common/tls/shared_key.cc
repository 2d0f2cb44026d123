#include "common/tls/shared_key.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "common/base/invariant.h"
#include "common/crypto/digest.h"

namespace common::tls {
namespace {

constexpr auto kSuite = "TLS_AES_128_GCM_SHA256";  // any whose hash fits: the key is bound to SHA-256
constexpr std::array<unsigned char, 2> kSuiteId{0x13, 0x01};
constexpr std::array<unsigned char, 7> kScope{'c', 'l', 'u', 's', 't', 'e', 'r'};  // of sessions, ours are keys
constexpr std::size_t kIdentityBytes = 8;

struct NamedKey {
  Bytes identity;  // tells which key is meant without telling the key
  Bytes key;
};
using Keys = std::vector<NamedKey>;

NamedKey named(const Bytes& key) {
  const Bytes digest = crypto::derive_key(key, "tls identity");
  return {Bytes(digest.begin(), digest.begin() + kIdentityBytes), key};
}

void free_keys(void*, void* keys, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Keys*>(keys); }

int keys_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_keys);
  return index;
}

const Keys& keys_of(SSL* ssl) {
  return *static_cast<const Keys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keys_index()));
}

SSL_SESSION* session_of(SSL* ssl, const NamedKey& key) {
  std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session{SSL_SESSION_new(), SSL_SESSION_free};
  const SSL_CIPHER* suite = SSL_CIPHER_find(ssl, kSuiteId.data());
  if (!session || suite == nullptr || SSL_SESSION_set1_master_key(session.get(), key.key.data(), key.key.size()) != 1 ||
      SSL_SESSION_set_cipher(session.get(), suite) != 1 ||
      SSL_SESSION_set1_id_context(session.get(), kScope.data(), kScope.size()) != 1 ||
      SSL_SESSION_set_protocol_version(session.get(), TLS1_3_VERSION) != 1) {
    return nullptr;
  }
  return session.release();
}

int offer_key(SSL* ssl, const EVP_MD*, const unsigned char** identity, std::size_t* length, SSL_SESSION** session) {
  const NamedKey& key = keys_of(ssl).front();
  *session = session_of(ssl, key);
  *identity = key.identity.data();
  *length = key.identity.size();
  return *session != nullptr ? 1 : 0;
}

int find_key(SSL* ssl, const unsigned char* identity, std::size_t length, SSL_SESSION** session) {
  *session = nullptr;
  const ByteSpan wanted{identity, length};
  const auto key =
      std::ranges::find_if(keys_of(ssl), [&](const auto& k) { return std::ranges::equal(k.identity, wanted); });
  if (key == keys_of(ssl).end()) return 1;  // goes on without a key, and fails: there is no certificate
  *session = session_of(ssl, *key);
  return *session != nullptr ? 1 : 0;
}

std::shared_ptr<SSL_CTX> make(const SSL_METHOD* method, const std::vector<Bytes>& keys) {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(method), SSL_CTX_free};
  INVARIANT(context != nullptr, "OpenSSL gives a context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context.get(), kSuite);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_id_context(context.get(), kScope.data(), kScope.size());
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  auto named_keys = std::make_unique<Keys>();
  for (const Bytes& key : keys) named_keys->push_back(named(key));
  SSL_CTX_set_ex_data(context.get(), keys_index(), named_keys.release());
  return context;
}

}  // namespace

Context shared_key_client(const Bytes& key) {
  auto context = make(TLS_client_method(), {key});
  SSL_CTX_set_psk_use_session_callback(context.get(), offer_key);
  return Context{std::move(context)};
}

Context shared_key_server(const std::vector<Bytes>& keys) {
  auto context = make(TLS_server_method(), keys);
  SSL_CTX_set_psk_find_session_callback(context.get(), find_key);
  return Context{std::move(context)};
}

}  // namespace common::tls
