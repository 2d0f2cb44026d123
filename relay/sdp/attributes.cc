#include "relay/sdp/attributes.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/base/encoding.h"
#include "common/base/text.h"

namespace relay::sdp {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const auto word : common::split(common::trim(text), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

constexpr std::array<std::pair<std::string_view, ice::CandidateType>, 4> kCandidateTypes{{
    {"host", ice::CandidateType::Host},
    {"srflx", ice::CandidateType::ServerReflexive},
    {"prflx", ice::CandidateType::PeerReflexive},
    {"relay", ice::CandidateType::Relayed},
}};

constexpr std::array<std::pair<std::string_view, std::size_t>, 5> kHashes{{
    {"sha-1", 20},
    {"sha-224", 28},
    {"sha-256", 32},
    {"sha-384", 48},
    {"sha-512", 64},
}};

}  // namespace

std::optional<RtpMap> read_rtpmap(std::string_view value) {
  const auto words = words_of(value);
  if (words.size() < 2) return std::nullopt;
  const auto payload_type = common::parse_number<std::uint8_t>(words[0]);
  std::string_view rest = words[1];
  const auto name = common::take_until(rest, '/');
  const auto clock_rate = common::parse_number<std::uint32_t>(common::take_until(rest, '/'));
  const auto channels = rest.empty() ? std::optional<std::uint8_t>{1} : common::parse_number<std::uint8_t>(rest);
  if (!payload_type || *payload_type > 127 || name.empty() || !clock_rate || *clock_rate == 0 || !channels) {
    return std::nullopt;
  }
  return RtpMap{*payload_type, std::string(name), *clock_rate, *channels};
}

std::string write_rtpmap(const RtpMap& map) {
  std::string text = std::to_string(map.payload_type) + ' ' + map.encoding_name + '/' + std::to_string(map.clock_rate);
  if (map.channels > 1) text += '/' + std::to_string(map.channels);
  return text;
}

std::optional<Crypto> read_crypto(std::string_view value) {
  const auto words = words_of(value);
  if (words.size() < 3) return std::nullopt;
  const auto tag = common::parse_number<std::uint32_t>(words[0]);
  const auto suite = srtp::suite_from_sdes_name(words[1]);
  if (!tag || !suite || !common::istarts_with(words[2], "inline:")) return std::nullopt;
  for (std::size_t i = 3; i < words.size(); ++i) {
    const bool harmless = common::istarts_with(words[i], "KDR=") || common::istarts_with(words[i], "WSH=");
    if (!harmless) return std::nullopt;
  }
  std::string_view parameters = words[2].substr(7);
  const auto key = common::base64_decode(common::take_until(parameters, '|'));
  if (parameters.find(':') != std::string_view::npos) return std::nullopt;  // MKI: bytes we would not add
  const auto& facts = srtp::facts_of(*suite);
  if (!key || key->size() != std::size_t{facts.key_length} + facts.salt_length) return std::nullopt;
  return Crypto{*tag, {*suite, *key}};
}

std::string write_crypto(const Crypto& crypto) {
  return std::to_string(crypto.tag) + ' ' + std::string(srtp::facts_of(crypto.key.suite).sdes_name) +
         " inline:" + common::base64_encode(crypto.key.key_and_salt);
}

std::optional<dtls::Fingerprint> read_fingerprint(std::string_view value) {
  const auto words = words_of(value);
  if (words.size() != 2) return std::nullopt;
  const std::string hash = common::to_lower(words[0]);
  const auto known = std::ranges::find(kHashes, std::string_view(hash), [](const auto& h) { return h.first; });
  if (known == kHashes.end()) return std::nullopt;
  std::string digits(words[1]);
  std::erase(digits, ':');
  auto digest = common::hex_decode(digits);
  if (!digest || digest->size() != known->second) return std::nullopt;
  return dtls::Fingerprint{hash, std::move(*digest)};
}

std::string write_fingerprint(const dtls::Fingerprint& fingerprint) {
  std::string text = fingerprint.hash;
  char separator = ' ';
  for (const std::uint8_t byte : fingerprint.digest) {
    std::string pair = common::hex_encode({&byte, 1});
    std::ranges::transform(pair, pair.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    text += separator + pair;
    separator = ':';
  }
  return text;
}

std::optional<ice::Candidate> read_candidate(std::string_view value) {
  const auto words = words_of(value);
  if (words.size() < 8 || !common::iequals(words[2], "udp") || words[6] != "typ") return std::nullopt;
  const auto component = common::parse_number<unsigned>(words[1]);
  const auto priority = common::parse_number<std::uint32_t>(words[3]);
  const auto ip = common::IpAddress::parse(words[4]);
  const auto port = common::parse_number<std::uint16_t>(words[5]);
  const auto type = std::ranges::find(kCandidateTypes, words[7], [](const auto& t) { return t.first; });
  if (!component || *component < 1 || *component > 2 || !priority || !ip || !port || *port == 0 ||
      type == kCandidateTypes.end() || words[0].size() > 32) {
    return std::nullopt;
  }
  return ice::Candidate{std::string(words[0]), static_cast<ice::Component>(*component), *priority,
                        {*ip, common::Port{*port}}, type->second};
}

std::string write_candidate(const ice::Candidate& candidate) {
  return candidate.foundation + ' ' + std::to_string(static_cast<unsigned>(candidate.component)) + " UDP " +
         std::to_string(candidate.priority) + ' ' + candidate.address.ip.to_string() + ' ' +
         std::to_string(candidate.address.port.value) + " typ " +
         std::string(kCandidateTypes[static_cast<std::size_t>(candidate.type)].first);
}

}  // namespace relay::sdp
