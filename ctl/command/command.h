#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace ctl::command {

/// One thing to ask a running program for.
struct Command {
  std::string url;    // whole URL
  std::string key;    // the list in the answer
  std::string token;  // bearer token; empty: none
  bool json = false;  // print the answer as it is
};

/// `--help`, `--version` or a usage error (64) have been printed.
struct Exit {
  int code = 0;
};

std::variant<Command, Exit> parse(int argc, const char* const* argv);

}  // namespace ctl::command
