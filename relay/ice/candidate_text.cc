#include "relay/ice/candidate_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace relay::ice {
namespace {

using common::Err;

constexpr std::array<std::string_view, 4> kTypeNames = {"host", "srflx", "prflx", "relay"};
constexpr std::size_t kMaxFoundation = 32;  // RFC 8839 §5.1

std::string_view next_token(std::string_view& text) noexcept {
  text = common::trim(text);
  return common::take_until(text, ' ');
}

bool is_ice_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
}

bool is_foundation(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxFoundation && std::ranges::all_of(text, is_ice_char);
}

bool is_host_name(std::string_view text) noexcept {
  const auto allowed = [](char c) { return (is_ice_char(c) && c != '+' && c != '/') || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, allowed) &&
         text.find_first_not_of("0123456789.") != std::string_view::npos;
}

std::optional<CandidateType> type_from_name(std::string_view name) noexcept {
  const auto found = std::ranges::find_if(kTypeNames, [&](auto known) { return common::iequals(known, name); });
  if (found == kTypeNames.end()) return std::nullopt;
  return static_cast<CandidateType>(found - kTypeNames.begin());
}

}  // namespace

common::Result<Candidate, CandidateError> parse_candidate(std::string_view text) {
  text = common::trim(text);
  if (text.starts_with("a=")) text.remove_prefix(2);
  if (common::istarts_with(text, "candidate:")) text.remove_prefix(10);
  const std::string_view foundation = next_token(text);
  const auto component = common::parse_number<std::uint16_t>(next_token(text));
  const std::string_view transport = next_token(text);
  const auto priority = common::parse_number<std::uint32_t>(next_token(text));
  const std::string_view host = next_token(text);
  const auto port = common::parse_number<std::uint16_t>(next_token(text));
  const bool typ = common::iequals(next_token(text), "typ");
  const auto type = type_from_name(next_token(text));

  if (!is_foundation(foundation) || !component || transport.empty() || !priority || !port || !typ) {
    return Err{CandidateError::Malformed};
  }
  if (!common::iequals(transport, "UDP")) return Err{CandidateError::NotUdp};
  if (*component < 1 || *component > 256 || !type || *port == 0) return Err{CandidateError::Malformed};
  if (*component > 2) return Err{CandidateError::Component};
  const auto ip = common::IpAddress::parse(host);
  if (!ip) return Err{is_host_name(host) ? CandidateError::HostName : CandidateError::Malformed};
  return Candidate{std::string(foundation), static_cast<Component>(*component), *priority, {*ip, {*port}}, *type};
}

std::string format_candidate(const Candidate& candidate) {
  std::string text =
      fmt::format("{} {} UDP {} {} {} typ {}", candidate.foundation, static_cast<unsigned>(candidate.component),
                  candidate.priority, candidate.address.ip.to_string(), candidate.address.port.value,
                  kTypeNames[static_cast<std::size_t>(candidate.type)]);
  if (candidate.type == CandidateType::Host) return text;
  return text + (candidate.address.ip.is_v4() ? " raddr 0.0.0.0 rport 9" : " raddr :: rport 9");
}

}  // namespace relay::ice
