#include "proxy/core/session_timer.h"

#include <algorithm>
#include <string>

#include "common/base/text.h"

namespace proxy::core {
namespace {

/// The seconds in front of the parameters; nullopt: absent or unreadable.
std::optional<std::uint32_t> seconds_of(std::string_view value) {
  return common::parse_number<std::uint32_t>(common::trim(common::take_until(value, ';')));
}

std::uint32_t shortest_of(const sip::Message& request) {
  return std::max(kShortestSession, seconds_of(request.get("Min-SE")).value_or(0));
}

}  // namespace

bool concerns_session(const sip::Message& request) { return request.is("INVITE") || request.is("UPDATE"); }

std::uint32_t session_interval(const sip::Message& request, std::uint32_t longest) {
  if (!concerns_session(request)) return 0;
  const auto wanted = seconds_of(request.get("Session-Expires"));
  if (longest == 0) return wanted.value_or(0);
  return std::max(std::min(wanted.value_or(longest), longest), shortest_of(request));
}

bool is_too_brief(const sip::Message& request) {
  const auto wanted = seconds_of(request.get("Session-Expires"));
  return concerns_session(request) && wanted && *wanted < kShortestSession && request.list_has("Supported", "timer");
}

void ask_for_session(sip::Message& copy, std::uint32_t longest) {
  if (longest == 0 || !concerns_session(copy)) return;
  const std::string value{copy.get("Session-Expires")};
  const std::size_t params = value.find(';');
  std::string asked = std::to_string(session_interval(copy, longest));
  if (params != std::string::npos) asked += value.substr(params);
  copy.set("Session-Expires", asked);
}

void promise_session(sip::Message& response, const sip::Message& request, std::uint32_t longest) {
  const bool is_accepted = response.status() >= 200 && response.status() < 300;
  if (longest == 0 || !is_accepted || !concerns_session(request) || response.has("Session-Expires")) return;
  if (!request.list_has("Supported", "timer")) return;  // nobody at either end would refresh
  response.append("Session-Expires", std::to_string(session_interval(request, longest)) + ";refresher=uac");
  if (!response.list_has("Require", "timer")) response.append("Require", "timer");
}

}  // namespace proxy::core
