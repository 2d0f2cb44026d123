#include "ctl/command/command.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <array>

#include "common/base/version.h"

namespace ctl::command {
namespace {

enum class Program : std::uint8_t { Proxy, Relay };
struct List {
  const char* name;
  Program program;
  const char* path;
  const char* help;
};
constexpr std::array kLists{List{"sessions", Program::Relay, "/v1/sessions", "Calls that the relay carries now"},
                            List{"registrations", Program::Proxy, "/v1/registrations", "Who is registered, and where"},
                            List{"trunks", Program::Proxy, "/v1/trunks", "Configured trunks"}};

std::string joined(std::string base, const char* path) {
  while (base.ends_with('/')) base.pop_back();
  return base + path;
}

}  // namespace

std::variant<Command, Exit> parse(int argc, const char* const* argv) {
  std::string proxy = "http://127.0.0.1:8080";
  std::string relay = "http://127.0.0.1:8081";
  Command command;
  CLI::App app{"Looks into running Causeway programs", "causewayctl"};
  app.set_version_flag("--version", std::string{"causewayctl "} + common::kVersion);
  app.fallthrough();
  app.require_subcommand(1);
  app.add_option("--proxy", proxy, "Admin URL of causeway-proxy")->envname("CAUSEWAYCTL_PROXY")->capture_default_str();
  app.add_option("--relay", relay, "Admin URL of causeway-relay")->envname("CAUSEWAYCTL_RELAY")->capture_default_str();
  app.add_option("--token", command.token, "Bearer token")->envname("CAUSEWAYCTL_TOKEN");
  app.add_flag("--json", command.json, "Print the answer as JSON");
  for (const List& list : kLists) app.add_subcommand(list.name, list.help);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return Exit{app.exit(error) == 0 ? EX_OK : EX_USAGE};
  }
  for (const List& list : kLists) {
    if (!app.got_subcommand(list.name)) continue;
    command.url = joined(list.program == Program::Proxy ? proxy : relay, list.path);
    command.key = list.name;
  }
  return command;
}

}  // namespace ctl::command
