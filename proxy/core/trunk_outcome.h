#pragma once

#include "proxy/core/services.h"
#include "proxy/core/target.h"

namespace proxy::core {

/// What became of one INVITE at its trunk, told to the trunk's health once. Of other targets nothing is told.
class TrunkOutcome {
 public:
  void on_sent(common::Instant now) noexcept { sent_at_ = now; }
  void on_response(const Target& target, const sip::Message& response, Services& services);
  /// No answer in time, or no way to the place.
  void on_silence(const Target& target, Services& services);
  /// The caller gave up before the place had shown itself: that proves nothing.
  void on_cancel() noexcept { is_told_ = true; }

 private:
  common::Instant sent_at_{};
  bool is_told_ = false;
};

/// True for a failure after which the next target may be tried, by what the target's trunk says of its codes.
bool is_retryable(const Target& target, int status);

/// How long the sender asks to be left alone, RFC 3261 §20.33; nullopt: it does not.
std::optional<common::Duration> retry_after(const sip::Message& response);

}  // namespace proxy::core
