#include "proxy/core/best_response.h"

#include <algorithm>
#include <array>
#include <string>

namespace proxy::core {
namespace {

constexpr std::array kInstructive{401, 407, 415, 420, 484};

bool is_challenge(const sip::Message& response) { return response.status() == 401 || response.status() == 407; }

/// Smaller is better.
int rank(const sip::Message& response) {
  const int status = response.status();
  if (status >= 600) return 0;
  const bool instructive = std::ranges::find(kInstructive, status) != kInstructive.end();
  // A branch that was cancelled or timed out says less than one that somebody answered.
  const bool mute = status == 408 || status == 487 || status == 503;
  return (status / 100) * 10 + (instructive ? 0 : mute ? 2 : 1);
}

}  // namespace

const sip::Message* best_response(std::span<const sip::Message* const> finals) {
  const auto best = std::ranges::min_element(finals, {}, [](const sip::Message* message) { return rank(*message); });
  return best == finals.end() ? nullptr : *best;
}

void merge_challenges(sip::Message& chosen, std::span<const sip::Message* const> finals) {
  if (!is_challenge(chosen)) return;
  std::vector<std::pair<std::string, std::string>> found;
  for (const sip::Message* message : finals) {
    if (!is_challenge(*message)) continue;
    for (const auto* name : {"WWW-Authenticate", "Proxy-Authenticate"}) {
      for (std::string& value : message->all(name)) found.emplace_back(name, std::move(value));
    }
  }
  chosen.remove("WWW-Authenticate");
  chosen.remove("Proxy-Authenticate");
  for (const auto& [name, value] : found) chosen.append(name, value);
}

}  // namespace proxy::core
