#pragma once

#include <cmath>
#include <cstdint>

namespace relay::codec {

/// The loss an encoder should reckon with, out of what one receiver reports (RFC 3550 §6.4.1) every few seconds. Rises
/// fast, since the next loss is near, and falls slowly: one good interval does not make a good network.
class LossEstimate {
 public:
  /// `fraction_lost`: of 256.
  void on_report(std::uint8_t fraction_lost) noexcept {
    const float reported = 100.0F * static_cast<float>(fraction_lost) / 256.0F;
    percent_ += (reported - percent_) * (reported > percent_ ? kRise : kFall);
  }
  int percent() const noexcept { return static_cast<int>(std::lround(percent_)); }

 private:
  static constexpr float kRise = 0.5F;
  static constexpr float kFall = 0.125F;

  float percent_ = 0;
};

}  // namespace relay::codec
