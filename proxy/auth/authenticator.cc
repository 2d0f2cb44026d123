#include "proxy/auth/authenticator.h"

#include <algorithm>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"

namespace proxy::auth {
namespace {

constexpr auto kClockSkew = std::chrono::seconds{30};  // between the nodes of a pair
constexpr std::size_t kNonceCountDigits = 8;

/// The HA1 that `secret` gives for `algorithm`; nullopt: it knows only the other algorithm's.
std::optional<std::string> ha1_of(const Secret& secret, Algorithm algorithm, const Credentials& credentials) {
  const auto& stored = algorithm == Algorithm::Md5 ? secret.ha1_md5 : secret.ha1_sha256;
  if (stored) return common::to_lower(*stored);
  if (!secret.password) return std::nullopt;
  return ha1(algorithm, credentials.username, credentials.realm, *secret.password);
}

std::optional<std::uint32_t> nonce_count(const Credentials& credentials) {
  if (credentials.nc.size() != kNonceCountDigits) return std::nullopt;
  return common::parse_number<std::uint32_t>(credentials.nc, 16);
}

NonceScope scope_of(const RequestFacts& request, std::string_view realm) {
  return {realm, request.method, request.call_id, request.source};
}

}  // namespace

Authenticator::Authenticator(Settings settings, common::Bytes nonce_key, UserLookup users,
                             common::crypto::Random& random)
    : settings_(std::move(settings)),
      nonces_(std::move(nonce_key), random),
      counts_(settings_.max_tracked_nonces),
      users_(std::move(users)),
      opaque_(random.hex(8)),
      decoy_password_(random.hex(16)) {}

AuthVerdict Authenticator::check(const RequestFacts& request, std::span<const std::string> header_values,
                                 common::WallTime now) {
  std::optional<Credentials> ours;
  for (const std::string& value : header_values) {
    auto credentials = parse_credentials(value);
    if (!credentials && credentials.error() != DigestError::NotDigest) return Refused{"Malformed Credentials"};
    if (credentials && credentials->realm == settings_.realm) ours = std::move(*credentials);
  }
  if (!ours) return challenge(request, now, Challenged::Why::NoCredentials);  // for another realm: not our business
  return check_credentials(request, *ours, now);
}

AuthVerdict Authenticator::check_credentials(const RequestFacts& request, const Credentials& credentials,
                                             common::WallTime now) {
  const auto algorithm = parse_algorithm(credentials.algorithm);
  const auto count = nonce_count(credentials);
  if (!algorithm) return challenge(request, now, Challenged::Why::WrongCredentials);
  if (!common::iequals(credentials.qop, "auth") || !count || credentials.cnonce.empty()) {
    return Refused{"Digest Without qop=auth"};
  }
  // Request-URI and digest-uri may differ in SIP (RFC 3261 §22.4): the nonce binds Call-ID, method and source instead.
  const auto made_at = nonces_.made_at(credentials.nonce, scope_of(request, settings_.realm));
  const bool fresh = made_at && now - *made_at <= settings_.nonce_lifetime && *made_at - now <= kClockSkew;
  const bool matches = response_matches(request, credentials, *algorithm);
  if (!matches) return challenge(request, now, Challenged::Why::WrongCredentials);
  if (!fresh) return challenge(request, now, Challenged::Why::Stale);
  counts_.forget_before(std::chrono::floor<common::WallTime::duration>(now - settings_.nonce_lifetime));
  if (!counts_.use(credentials.nonce, *made_at, *count)) return challenge(request, now, Challenged::Why::Stale);
  return Accepted{credentials.username, credentials.realm};
}

bool Authenticator::response_matches(const RequestFacts& request, const Credentials& credentials,
                                     Algorithm algorithm) const {
  const auto found = users_(credentials.username, credentials.realm);
  std::optional<std::string> secret_hash;
  if (found) secret_hash = ha1_of(*found, algorithm, credentials);
  const bool known = secret_hash.has_value();
  const std::string decoy = ha1(algorithm, credentials.username, credentials.realm, decoy_password_);
  const std::string expected = digest_response(algorithm, known ? *secret_hash : decoy, request.method, credentials);
  const bool equal = common::crypto::constant_time_equal(common::as_bytes(expected),
                                                         common::as_bytes(common::to_lower(credentials.response)));
  return equal && known;
}

std::vector<Algorithm> Authenticator::order_for(const RequestFacts& request) const {
  const auto is_sender = [&](const std::string& agent) { return request.user_agent.starts_with(agent); };
  if (std::ranges::any_of(settings_.md5_only_agents, is_sender)) return {Algorithm::Md5};
  auto order = settings_.order;
  if (request.over_websocket) std::ranges::stable_partition(order, [](Algorithm a) { return a != Algorithm::Md5; });
  return order;
}

Challenged Authenticator::challenge(const RequestFacts& request, common::WallTime now, Challenged::Why why) {
  Challenged out{why, {}};
  for (const Algorithm algorithm : order_for(request)) {
    Challenge one;
    one.realm = settings_.realm;
    one.nonce = nonces_.make(scope_of(request, settings_.realm), now);
    one.opaque = opaque_;
    one.algorithm = algorithm;
    one.qop_auth = true;
    one.stale = why == Challenged::Why::Stale;
    out.values.push_back(one.to_string());
  }
  return out;
}

}  // namespace proxy::auth
