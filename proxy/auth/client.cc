#include "proxy/auth/client.h"

namespace proxy::auth {
namespace {

Credentials prepare(const Challenge& challenge, std::string_view uri, const ClientAccount& account,
                    common::crypto::Random& random) {
  Credentials credentials;
  credentials.username = account.username;
  credentials.realm = challenge.realm;
  credentials.nonce = challenge.nonce;
  credentials.uri = std::string{uri};
  credentials.algorithm = std::string{to_string(*challenge.algorithm)};
  credentials.opaque = challenge.opaque;
  if (challenge.qop_auth) {
    credentials.qop = "auth";
    credentials.nc = "00000001";  // every request gets a challenge, hence a nonce, of its own
    credentials.cnonce = random.hex(16);
  }
  return credentials;
}

bool repeats(std::string_view already_answered, const Challenge& challenge) {
  if (already_answered.empty() || challenge.stale) return false;
  const auto previous = parse_credentials(already_answered);
  return previous && previous->realm == challenge.realm;
}

}  // namespace

common::Result<std::string, ClientError> answer_challenge(std::span<const std::string> challenge_values,
                                                          std::string_view method, std::string_view uri,
                                                          const ClientAccount& account, common::crypto::Random& random,
                                                          std::string_view already_answered) {
  ClientError why_not = ClientError::NoUsableChallenge;
  for (const std::string& value : challenge_values) {
    const auto challenge = parse_challenge(value);
    if (!challenge || !challenge->algorithm) continue;
    if (!account.realm.empty() && account.realm != challenge->realm) {
      why_not = ClientError::ForeignRealm;
      continue;
    }
    if (repeats(already_answered, *challenge)) return common::Err{ClientError::RefusedAgain};
    Credentials credentials = prepare(*challenge, uri, account, random);
    const std::string hash = ha1(*challenge->algorithm, account.username, challenge->realm, account.password);
    credentials.response = digest_response(*challenge->algorithm, hash, method, credentials);
    return credentials.to_string();
  }
  return common::Err{why_not};
}

}  // namespace proxy::auth
