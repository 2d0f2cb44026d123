#include "proxy/auth/digest.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "proxy/auth/auth_params.h"

namespace proxy::auth {
namespace {

std::string hash(Algorithm algorithm, std::string_view text) {
  if (algorithm == Algorithm::Md5) return common::hex_encode(common::crypto::md5(common::as_bytes(text)));
  return common::hex_encode(common::crypto::sha256(common::as_bytes(text)));
}

bool offers_auth(std::string_view qop_list) {
  for (const std::string_view item : common::split(qop_list, ',')) {
    if (common::iequals(common::trim(item), "auth")) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(Algorithm algorithm) noexcept { return algorithm == Algorithm::Md5 ? "MD5" : "SHA-256"; }

std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept {
  if (name.empty() || common::iequals(name, "MD5")) return Algorithm::Md5;
  if (common::iequals(name, "SHA-256")) return Algorithm::Sha256;
  return std::nullopt;
}

std::string Challenge::to_string() const {
  std::string out = fmt::format("Digest realm={}, nonce={}", quote(realm), quote(nonce));
  if (!opaque.empty()) out += fmt::format(", opaque={}", quote(opaque));
  if (algorithm) out += fmt::format(", algorithm={}", auth::to_string(*algorithm));
  if (qop_auth) out += ", qop=\"auth\"";
  if (stale) out += ", stale=true";
  return out;
}

std::string Credentials::to_string() const {
  std::string out = fmt::format("Digest username={}, realm={}, nonce={}, uri={}, response={}", quote(username),
                                quote(realm), quote(nonce), quote(uri), quote(response));
  if (!algorithm.empty()) out += fmt::format(", algorithm={}", algorithm);
  if (!qop.empty()) out += fmt::format(", qop={}, nc={}, cnonce={}", qop, nc, quote(cnonce));
  if (!opaque.empty()) out += fmt::format(", opaque={}", quote(opaque));
  return out;
}

common::Result<Challenge, DigestError> parse_challenge(std::string_view value) {
  const auto params = parse_params(value);
  if (!params) return common::Err{params.error()};
  if (!params->contains("realm") || !params->contains("nonce")) return common::Err{DigestError::Malformed};
  Challenge challenge;
  challenge.realm = param(*params, "realm");
  challenge.nonce = param(*params, "nonce");
  challenge.opaque = param(*params, "opaque");
  challenge.algorithm = parse_algorithm(param(*params, "algorithm"));
  challenge.qop_auth = offers_auth(param(*params, "qop"));
  challenge.stale = common::iequals(param(*params, "stale"), "true");
  return challenge;
}

common::Result<Credentials, DigestError> parse_credentials(std::string_view value) {
  const auto params = parse_params(value);
  if (!params) return common::Err{params.error()};
  for (const char* needed : {"username", "realm", "nonce", "uri", "response"}) {
    if (!params->contains(needed)) return common::Err{DigestError::Malformed};
  }
  return Credentials{param(*params, "username"), param(*params, "realm"),    param(*params, "nonce"),
                     param(*params, "uri"),      param(*params, "response"), param(*params, "algorithm"),
                     param(*params, "cnonce"),   param(*params, "opaque"),   param(*params, "qop"),
                     param(*params, "nc")};
}

std::string ha1(Algorithm algorithm, std::string_view username, std::string_view realm, std::string_view password) {
  return hash(algorithm, fmt::format("{}:{}:{}", username, realm, password));
}

std::string digest_response(Algorithm algorithm, std::string_view secret_hash, std::string_view method,
                            const Credentials& credentials) {
  const std::string ha2 = hash(algorithm, fmt::format("{}:{}", method, credentials.uri));
  if (credentials.qop.empty()) return hash(algorithm, fmt::format("{}:{}:{}", secret_hash, credentials.nonce, ha2));
  return hash(algorithm, fmt::format("{}:{}:{}:{}:{}:{}", secret_hash, credentials.nonce, credentials.nc,
                                     credentials.cnonce, credentials.qop, ha2));
}

}  // namespace proxy::auth
