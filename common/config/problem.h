#pragma once

#include <string>
#include <vector>

namespace common::config {

/// What is wrong with one value and what to do about it, in words for the person at the keyboard.
struct Complaint {
  std::string problem;  // "is below media.port_min 30000"
  std::string remedy;   // "raise port_max or lower port_min"
};

/// A complaint with its place.
struct Problem {
  std::string origin;  // file name, `--flag` or environment variable
  unsigned line = 0;   // 0: the origin has no lines
  std::string key;     // "relay.port_max", "trunk[2].host"
  std::string value;   // as written; empty for a missing key, "***" for a secret
  Complaint complaint;

  /// `relay.toml:14: relay.port_max 29999 is below relay.port_min 30000; raise port_max or lower port_min`
  std::string to_string() const;
};
using Problems = std::vector<Problem>;

}  // namespace common::config
