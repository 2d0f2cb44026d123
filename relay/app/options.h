#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/config/load.h"

namespace relay::app {

/// What the command line of causeway-relay asks for.
struct Options {
  std::string config;  // empty: flags and environment alone
  bool check = false;
  bool print_reference = false;
  bool print_sample = false;
  std::vector<common::config::Override> overrides;  // from flags; they win over the environment
};

/// The process ends with this code: `--help` and `--version` have printed, or a usage error has (64, sysexits.h).
struct Exit {
  int code = 0;
};

std::variant<Options, Exit> parse_options(int argc, const char* const* argv);

}  // namespace relay::app
