#include "relay/dtls/srtp_keying.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "common/base/invariant.h"

namespace relay::dtls {
namespace {

constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";  // RFC 5764 §4.2

const srtp::SuiteFacts& agreed_suite(SSL* ssl) {
  const std::string_view profile = SSL_get_selected_srtp_profile(ssl)->name;
  const auto* facts = std::ranges::find(srtp::kSuites, profile, &srtp::SuiteFacts::dtls_profile);
  INVARIANT(facts != std::end(srtp::kSuites), "OpenSSL selects only profiles we offered");
  return *facts;
}

/// Key and salt of one side, `index` 0 for the client: the material is client key, server key, client salt, server
/// salt.
srtp::KeyMaterial part_of(common::ByteSpan material, const srtp::SuiteFacts& facts, std::size_t index) {
  const std::size_t key = facts.key_length;
  const std::size_t salt = facts.salt_length;
  const auto key_part = material.subspan(index * key, key);
  const auto salt_part = material.subspan(2 * key + index * salt, salt);
  srtp::KeyMaterial made{facts.suite, {key_part.begin(), key_part.end()}};
  made.key_and_salt.insert(made.key_and_salt.end(), salt_part.begin(), salt_part.end());
  return made;
}

}  // namespace

bool offer_profiles(SSL* ssl, const std::vector<srtp::Suite>& suites) {
  std::string list;
  for (const srtp::Suite suite : suites) {
    if (!list.empty()) list += ':';
    list += srtp::facts_of(suite).dtls_profile;
  }
  return SSL_set_tlsext_use_srtp(ssl, list.c_str()) == 0;  // zero is success here
}

bool has_profile(SSL* ssl) noexcept { return SSL_get_selected_srtp_profile(ssl) != nullptr; }

std::optional<SrtpKeys> export_keys(SSL* ssl, Role ours) {
  const srtp::SuiteFacts& facts = agreed_suite(ssl);
  common::Bytes material(2 * (std::size_t{facts.key_length} + facts.salt_length));
  if (SSL_export_keying_material(ssl, material.data(), material.size(), kExporterLabel.data(), kExporterLabel.size(),
                                 nullptr, 0, 0) != 1) {
    return std::nullopt;
  }
  const bool client = ours == Role::Active;
  SrtpKeys keys{facts.suite, part_of(material, facts, client ? 0 : 1), part_of(material, facts, client ? 1 : 0)};
  OPENSSL_cleanse(material.data(), material.size());
  return keys;
}

}  // namespace relay::dtls
