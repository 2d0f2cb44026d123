#pragma once

namespace relay::worker {

/// How hard the encoders of a shard try, by how busy it is: quality where there is time for it, room for calls where
/// there is none. Going back needs less load than going down did, since lighter encoding itself lowers the load.
class Effort {
 public:
  static constexpr int kIdleComplexity = 5;  // of Opus, 0 to 10
  static constexpr int kBusyComplexity = 1;  // half the time of 5, hardly worse at the bitrates used
  static constexpr double kBusy = 0.6;       // share of a core
  static constexpr double kIdle = 0.3;

  /// `load`: share of a core used since the last call, 0 to 1. True: complexity() is another one now.
  bool on_load(double load) noexcept {
    const int before = complexity_;
    if (load > kBusy) complexity_ = kBusyComplexity;
    if (load < kIdle) complexity_ = kIdleComplexity;
    return complexity_ != before;
  }
  int complexity() const noexcept { return complexity_; }

 private:
  int complexity_ = kIdleComplexity;
};

}  // namespace relay::worker
