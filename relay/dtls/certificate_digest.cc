#include "relay/dtls/certificate_digest.h"

#include <openssl/evp.h>

#include <string>

namespace relay::dtls {
namespace {

const EVP_MD* hash_named(std::string_view name) noexcept {
  if (name == "sha-256") return EVP_sha256();
  if (name == "sha-1") return EVP_sha1();
  if (name == "sha-224") return EVP_sha224();
  if (name == "sha-384") return EVP_sha384();
  if (name == "sha-512") return EVP_sha512();
  return nullptr;
}

}  // namespace

std::optional<Fingerprint> fingerprint_of(const X509* certificate, std::string_view hash) {
  const EVP_MD* algorithm = hash_named(hash);
  if (algorithm == nullptr) return std::nullopt;
  Fingerprint fingerprint{std::string(hash), common::Bytes(EVP_MAX_MD_SIZE)};
  unsigned size = 0;
  if (X509_digest(certificate, algorithm, fingerprint.digest.data(), &size) != 1) return std::nullopt;
  fingerprint.digest.resize(size);
  return fingerprint;
}

}  // namespace relay::dtls
