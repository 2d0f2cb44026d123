#include "relay/dtls/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/text.h"

namespace relay::dtls {
namespace {

struct HashFacts {
  std::string_view name;
  std::size_t size;  // bytes
};
constexpr HashFacts kHashes[] = {{"sha-1", 20}, {"sha-224", 28}, {"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}};

/// `AB:CD:…`, every byte as two digits.
std::optional<common::Bytes> parse_digest(std::string_view text, std::size_t size) {
  if (text.size() != size * 3 - 1) return std::nullopt;
  common::Bytes digest;
  digest.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = common::parse_number<std::uint8_t>(text.substr(i * 3, 2), 16);
    if (!byte || (i + 1 < size && text[i * 3 + 2] != ':')) return std::nullopt;
    digest.push_back(*byte);
  }
  return digest;
}

}  // namespace

std::optional<Fingerprint> parse_fingerprint(std::string_view text) {
  text = common::trim(text);
  const std::string_view name = common::take_until(text, ' ');
  const auto hash = std::ranges::find_if(kHashes, [&](const auto& known) { return common::iequals(known.name, name); });
  if (hash == std::end(kHashes)) return std::nullopt;
  auto digest = parse_digest(common::trim(text), hash->size);
  if (!digest) return std::nullopt;
  return Fingerprint{std::string(hash->name), std::move(*digest)};
}

std::string format_fingerprint(const Fingerprint& fingerprint) {
  return fmt::format("{} {:02X}", fingerprint.hash, fmt::join(fingerprint.digest, ":"));
}

}  // namespace relay::dtls
