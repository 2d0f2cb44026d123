#include "proxy/auth/digest.h"

#include <tuple>

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "proxy/auth/authenticator.h"
#include "proxy/auth/client.h"
#include "proxy/sip/message.h"

using namespace proxy::auth;

namespace {

auto fields(const Credentials& c) {
  return std::tie(c.username, c.realm, c.nonce, c.uri, c.response, c.algorithm, c.qop, c.opaque);
}
auto fields(const Challenge& c) { return std::tie(c.realm, c.nonce, c.opaque, c.algorithm, c.qop_auth, c.stale); }

bool is_token_or_absent(const std::string& text) { return text.empty() || proxy::sip::is_token(text); }

/// Written once, control characters are gone from quoted values: from then on nothing changes.
void check_credentials(const Credentials& credentials) {
  if (!is_token_or_absent(credentials.algorithm) || !is_token_or_absent(credentials.qop)) return;
  if (!credentials.qop.empty() && !proxy::sip::is_token(credentials.nc)) return;
  const auto once = parse_credentials(credentials.to_string());
  if (!once) {
    INVARIANT(once.error() == DigestError::TooLong, "credentials survive their own writer");
    return;
  }
  const auto twice = parse_credentials(once->to_string());
  INVARIANT(twice && fields(*twice) == fields(*once), "and do not change any more");
}

void check_challenge(const Challenge& challenge) {
  if (!challenge.algorithm) return;  // not written: absent means MD5
  const auto once = parse_challenge(challenge.to_string());
  if (!once) {
    INVARIANT(once.error() == DigestError::TooLong, "a challenge survives its own writer");
    return;
  }
  const auto twice = parse_challenge(once->to_string());
  INVARIANT(twice && fields(*twice) == fields(*once), "and does not change any more");
}

/// As a trunk's challenge to us: what we answer can be read.
void answer(const std::string& value) {
  common::crypto::SeededRandom random(1);
  const ClientAccount account{"causeway", "secret", {}};
  const auto credentials = answer_challenge({&value, 1}, "INVITE", "sip:a@example.org", account, random);
  if (!credentials) return;
  const auto read = parse_credentials(*credentials);
  INVARIANT(read ? read->username == "causeway" : read.error() == DigestError::TooLong, "our answer can be read");
}

/// As a user's credentials: nobody gets in without the password.
void knock(const std::string& value) {
  common::crypto::SeededRandom random(1);
  Authenticator authenticator(
      {.realm = "example.org"}, common::Bytes(32, 7),
      [](std::string_view, std::string_view) { return Secret{"unguessable", {}, {}}; }, random);
  const RequestFacts facts{"REGISTER", "sip:example.org", "call", common::IpAddress::v4({192, 0, 2, 1}), "agent"};
  const auto verdict = authenticator.check(facts, {&value, 1}, common::WallTime{std::chrono::hours{490'000}});
  INVARIANT(!std::holds_alternative<Accepted>(verdict), "nobody gets in without the password");
}

}  // namespace

/// The value of an Authorization or WWW-Authenticate header field, whatever it claims to be.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string value{common::as_text({data, size})};
  if (const auto credentials = parse_credentials(value)) check_credentials(*credentials);
  if (const auto challenge = parse_challenge(value)) check_challenge(*challenge);
  answer(value);
  knock(value);
  return 0;
}
