#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/crypto/random.h"
#include "proxy/auth/digest.h"

namespace proxy::auth {

/// What we know at a trunk. `realm` empty: any realm the trunk names.
struct ClientAccount {
  std::string username;
  std::string password;
  std::string realm;
};

enum class ClientError : std::uint8_t { NoUsableChallenge, ForeignRealm, RefusedAgain };

/// Answers the challenges of a 401 or 407: the value for Authorization or Proxy-Authorization.
/// Takes the first challenge whose algorithm we speak (RFC 8760 §2.4: the server's order). `already_answered` is the
/// value sent with the refused request, if any: a new challenge without `stale` means that the password is wrong.
[[nodiscard]] common::Result<std::string, ClientError> answer_challenge(std::span<const std::string> challenge_values,
                                                                        std::string_view method, std::string_view uri,
                                                                        const ClientAccount& account,
                                                                        common::crypto::Random& random,
                                                                        std::string_view already_answered = {});

}  // namespace proxy::auth
