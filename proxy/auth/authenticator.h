#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/crypto/random.h"
#include "common/net/address.h"
#include "common/time/instant.h"
#include "proxy/auth/digest.h"
#include "proxy/auth/nonce.h"
#include "proxy/auth/nonce_counts.h"

namespace proxy::auth {

/// What a user proves knowledge of. One of the three is enough; a missing HA1 is computed from the password.
struct Secret {
  std::optional<std::string> password;
  std::optional<std::string> ha1_md5;     // hexadecimal
  std::optional<std::string> ha1_sha256;  // hexadecimal
  friend bool operator==(const Secret&, const Secret&) = default;
};

/// The facts of a request that a digest and a nonce are bound to. Borrows.
struct RequestFacts {
  std::string_view method;
  std::string_view uri;  // the Request-URI as received
  std::string_view call_id;
  common::IpAddress source;
  std::string_view user_agent;
  bool over_websocket = false;  // a browser's user agent
};

/// The credentials are good.
struct Accepted {
  std::string username;
  std::string realm;
};
/// Answer 401 (or 407) with one header field per value, in this order.
struct Challenged {
  enum class Why : std::uint8_t { NoCredentials, Stale, WrongCredentials };
  Why why = Why::NoCredentials;  // for counters; the answer on the wire tells only Stale apart
  std::vector<std::string> values;
};
/// Answer 400: the header field cannot be read or contradicts the request.
struct Refused {
  std::string_view reason;
};
using AuthVerdict = std::variant<Accepted, Challenged, Refused>;

/// Checks digests against stateless nonces. One per worker; not thread-safe.
class Authenticator {
 public:
  /// The secret of `username` in `realm`; nullopt: unknown. Must not tell the two cases apart in time by much.
  using UserLookup = std::function<std::optional<Secret>(std::string_view username, std::string_view realm)>;

  struct Settings {
    std::string realm;
    common::Duration nonce_lifetime = std::chrono::minutes{5};
    /// To challenge with, first one first (RFC 8760 §2.3). Many phones read only the first challenge; SIP.js and JsSIP
    /// keep only the last, and know MD5 alone.
    std::vector<Algorithm> order = {Algorithm::Md5, Algorithm::Sha256};
    /// Beginnings of User-Agent values. These give up at a challenge that they do not know: MD5 alone for them.
    std::vector<std::string> md5_only_agents = {};
    std::size_t max_tracked_nonces = 65536;
  };

  /// `nonce_key`: 32 secret bytes, the same on every node of a pair.
  Authenticator(Settings settings, common::Bytes nonce_key, UserLookup users, common::crypto::Random& random);

  /// Nonces of the key before become stale.
  void set_nonce_key(common::Bytes key) { nonces_.set_key(std::move(key)); }

  /// `header_values`: every Authorization value (for 401) or Proxy-Authorization value (for 407) of the request.
  /// `now` is wall-clock time, since a nonce outlives this process. An unknown user costs and answers the same as a
  /// wrong password.
  AuthVerdict check(const RequestFacts& request, std::span<const std::string> header_values, common::WallTime now);

 private:
  AuthVerdict check_credentials(const RequestFacts& request, const Credentials& credentials, common::WallTime now);
  bool response_matches(const RequestFacts& request, const Credentials& credentials, Algorithm algorithm) const;
  std::vector<Algorithm> order_for(const RequestFacts& request) const;
  Challenged challenge(const RequestFacts& request, common::WallTime now, Challenged::Why why);

  Settings settings_;
  NonceMaker nonces_;
  NonceCounts counts_;
  UserLookup users_;
  std::string opaque_;
  std::string decoy_password_;  // what an unknown user's response is compared with
};

}  // namespace proxy::auth
