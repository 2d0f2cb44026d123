#include "relay/negotiation/keys.h"

#include <algorithm>

#include "relay/srtp/key_material.h"

namespace relay::negotiation {
namespace {

/// The suite that every peer knows first.
constexpr srtp::Suite kPreference[] = {srtp::Suite::AesCm128HmacSha1_80, srtp::Suite::AesCm128HmacSha1_32,
                                       srtp::Suite::AeadAes256Gcm, srtp::Suite::AeadAes128Gcm};

bool names(const std::vector<std::string>& list, srtp::Suite suite) {
  return std::ranges::find(list, srtp::facts_of(suite).sdes_name) != list.end();
}

srtp::KeyMaterial key_for(srtp::Suite suite, const std::vector<sdp::Crypto>& current, common::crypto::Random& random) {
  const auto kept = std::ranges::find(current, suite, [](const sdp::Crypto& crypto) { return crypto.key.suite; });
  return kept != current.end() ? kept->key : srtp::generate_key(suite, random);
}

}  // namespace

std::vector<srtp::Suite> allowed_suites(const ng::Sdes& flags) {
  std::vector<srtp::Suite> suites;
  for (const srtp::Suite suite : kPreference) {
    if ((flags.only.empty() || names(flags.only, suite)) && !names(flags.excluded, suite)) suites.push_back(suite);
  }
  return suites;
}

std::vector<sdp::Crypto> cryptos_to_offer(const ng::Sdes& flags, const std::vector<sdp::Crypto>& current,
                                          common::crypto::Random& random) {
  std::vector<sdp::Crypto> cryptos;
  for (const srtp::Suite suite : allowed_suites(flags)) {
    cryptos.push_back({static_cast<std::uint32_t>(cryptos.size() + 1), key_for(suite, current, random)});
  }
  return cryptos;
}

std::vector<sdp::Crypto> crypto_to_answer(const std::vector<sdp::Crypto>& offered, const ng::Sdes& flags,
                                          const std::vector<sdp::Crypto>& current, common::crypto::Random& random) {
  const auto allowed = allowed_suites(flags);
  for (const sdp::Crypto& theirs : offered) {
    if (std::ranges::find(allowed, theirs.key.suite) == allowed.end()) continue;
    return {{theirs.tag, key_for(theirs.key.suite, current, random)}};
  }
  return {};
}

}  // namespace relay::negotiation
