#pragma once

#include <string>
#include <vector>

#include "proxy/app/proxy_config.h"

/// Configuration files of causeway-proxy as texts.
namespace tests {

/// The smallest file that has a trunk.
inline const std::string kConfiguration =
    "[proxy]\ndomains = [\"example.org\"]\n"                   // 1, 2
    "[[listen]]\ntransport = \"udp\"\n"                        // 3, 4
    "address = \"192.0.2.1:5060\"\n"                           // 5
    "[[trunk]]\nname = \"carrier\"\nhost = \"192.0.2.20\"\n";  // 6, 7, 8

/// The problems of `base` with `more` behind it (from line 9 on).
inline std::vector<std::string> configuration_problems(const std::string& more,
                                                       const std::string& base = kConfiguration) {
  const auto config = proxy::app::load_configuration({"p.toml", base + more});
  std::vector<std::string> lines;
  if (!config) {
    for (const auto& problem : config.error()) lines.push_back(problem.to_string());
  }
  return lines;
}

/// The one problem that `more` makes; several are shown one a line.
inline std::string configuration_problem(const std::string& more, const std::string& base = kConfiguration) {
  std::string text;
  for (const std::string& line : configuration_problems(more, base)) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace tests
