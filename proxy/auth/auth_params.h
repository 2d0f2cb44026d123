#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proxy/auth/digest.h"

namespace proxy::auth {

/// auth-params of a Digest challenge or credentials by lower-case name, quotes and escapes removed (RFC 7235 §2.1).
using Params = std::map<std::string, std::string, std::less<>>;

/// Errors: NotDigest; TooLong beyond 4096 characters; Malformed, also when a name comes twice.
[[nodiscard]] common::Result<Params, DigestError> parse_params(std::string_view value);

/// Empty when absent.
std::string param(const Params& params, std::string_view name);

/// As a quoted-string, RFC 3261 §25.1. Control characters are left out.
std::string quote(std::string_view text);

}  // namespace proxy::auth
