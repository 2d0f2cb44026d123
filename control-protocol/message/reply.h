#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control-protocol/message/value.h"

namespace ng {

enum class Outcome : std::uint8_t { Ok, Pong, Error, LoadLimit };

/// The two error texts that Kamailio compares to the letter before it tries another relay.
inline constexpr std::string_view kSessionLimitReached = "Parallel session limit reached";
inline constexpr std::string_view kRanOutOfPorts = "Ran out of ports";

struct Reply {
  Outcome outcome = Outcome::Ok;
  std::string error_reason;           // with Error
  std::string load_limit_reason;      // with LoadLimit: the `message`
  std::vector<std::string> warnings;  // joined by "; " into `warning`
  Dictionary body;                    // `sdp`, `calls`, `tags`, `totals`, …

  static Reply ok() { return {}; }
  static Reply error(std::string_view reason);
  /// LoadLimit for a client that knows it (`supports`), otherwise the error text that it compares.
  static Reply limit(std::string_view reason, const std::vector<std::string>& supports);

  bool succeeded() const noexcept { return outcome == Outcome::Ok || outcome == Outcome::Pong; }
  /// Text of a key of the body; empty if it is not there.
  std::string text(std::string_view key) const;
};

Dictionary write_reply(const Reply& reply);
/// A dictionary without a known `result` reads as an error that says so.
Reply read_reply(Dictionary dictionary);

}  // namespace ng
