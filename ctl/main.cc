#include <fmt/format.h>
#include <sysexits.h>

#include <cstdio>

#include "ctl/command/command.h"
#include "ctl/http/get.h"
#include "ctl/table/table.h"

namespace {

int run(const ctl::command::Command& command) {
  const auto body = ctl::http::get(command.url, command.token);
  if (!body) {
    fmt::print(stderr, "causewayctl: {}; is the program running, and is this its admin address?\n", body.error());
    return EX_UNAVAILABLE;
  }
  if (command.json) {
    fmt::print("{}\n", *body);
    return EX_OK;
  }
  const auto table = ctl::table::from_json(*body, command.key);
  if (!table) {
    fmt::print(stderr, "causewayctl: {}: {}\n", command.url, table.error());
    return EX_PROTOCOL;
  }
  fmt::print("{}", table->rows.empty() ? "no " + command.key + '\n' : table->to_string());
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = ctl::command::parse(argc, argv);
  if (const auto* exit = std::get_if<ctl::command::Exit>(&parsed)) return exit->code;
  return run(std::get<ctl::command::Command>(parsed));
}
