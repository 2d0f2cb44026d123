#include "relay/sdp/attributes.h"

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

}  // namespace

std::optional<RtpMap> read_rtpmap(std::string_view value) {
  const auto words = words_of(value);
  if (words.size() < 2) return std::nullopt;
  const auto payload_type = common::parse_number<std::uint8_t>(words[0]);
  std::string_view rest = words[1];
  const auto name = common::take_until(rest, '/');
  const auto clock_rate = common::parse_number<std::uint32_t>(common::take_until(rest, '/'));
  const auto channels = rest.empty() ? std::optional<std::uint8_t>{1} : common::parse_number<std::uint8_t>(rest);
  const bool positive = clock_rate.value_or(0) > 0 && channels.value_or(0) > 0;
  if (!payload_type || *payload_type > 127 || name.empty() || !positive) return std::nullopt;
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
    if (!common::istarts_with(words[i], "WSH=")) return std::nullopt;  // a hint; all else we would have to follow
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

}  // namespace relay::sdp
