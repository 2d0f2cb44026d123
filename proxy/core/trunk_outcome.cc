#include "proxy/core/trunk_outcome.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace proxy::core {
namespace {

/// What a server says of itself, not of the number that was called.
constexpr std::array kServerFailures{408, 500, 502, 503, 504};

trunk::Place place_of(const Target& target) { return {target.trunk->name, kind_of(target.hop), remote_of(target.hop)}; }

}  // namespace

void TrunkOutcome::on_response(const Target& target, const sip::Message& response, Services& services) {
  const int status = response.status();
  if (!target.trunk || is_told_ || status <= 100 || status == 401 || status == 407) return;
  is_told_ = true;
  const common::Instant now = services.now();
  if (std::ranges::find(kServerFailures, status) == kServerFailures.end())
    return services.trunk_health.on_success(place_of(target), now - sent_at_, now);
  services.trunk_health.on_failure(place_of(target), now);
  const auto rest = status == 503 ? retry_after(response) : std::nullopt;
  if (rest) services.trunk_health.on_retry_after(place_of(target), *rest, now);
}

void TrunkOutcome::on_silence(const Target& target, Services& services) {
  if (!target.trunk || is_told_) return;
  is_told_ = true;
  services.trunk_health.on_failure(place_of(target), services.now());
}

bool is_retryable(const Target& target, int status) {
  static const trunk::Trunk kAnyTarget;
  const auto& codes = (target.trunk ? *target.trunk : kAnyTarget).retry_codes;
  return std::ranges::find(codes, status) != codes.end();
}

std::optional<common::Duration> retry_after(const sip::Message& response) {
  const std::string_view value = response.get("Retry-After");
  std::uint32_t seconds = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (read.ec != std::errc{}) return std::nullopt;
  return std::chrono::seconds{seconds};
}

}  // namespace proxy::core
