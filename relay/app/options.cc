#include "relay/app/options.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <map>

#include "common/base/version.h"

namespace relay::app {
namespace {

/// A flag that sets one key. Where rtpengine has an option of the same meaning, the name is its.
struct KeyFlag {
  const char* names;
  const char* flag;
  const char* key;
  const char* help;
};
constexpr std::array kKeyFlags{
    KeyFlag{"-i,--interface", "--interface", "relay.interface", "[NAME/]ADDRESS[!ADVERTISED] for media; repeatable"},
    KeyFlag{"-n,--listen-ng", "--listen-ng", "ng.listen", "ADDRESS:PORT of the control protocol, UDP and TCP"},
    KeyFlag{"--ng-peer", "--ng-peer", "ng.peers", "Address or block that may send requests; repeatable"},
    KeyFlag{"-m,--port-min", "--port-min", "relay.port_min", "Lowest media port"},
    KeyFlag{"-M,--port-max", "--port-max", "relay.port_max", "Highest media port"},
    KeyFlag{"--num-threads", "--num-threads", "relay.num_threads", "Shards; 0: one per processor"},
    KeyFlag{"-o,--timeout", "--timeout", "relay.timeout", "Silence after which a call ends: seconds, or e.g. 2m"},
    KeyFlag{"--max-sessions", "--max-sessions", "relay.max_sessions", "Calls at once; 0: as many as ports carry"},
    KeyFlag{"--drain-timeout", "--drain-timeout", "relay.drain_timeout", "How long calls may go on after SIGTERM"},
    KeyFlag{"-L,--log-level", "--log-level", "relay.log_level", "debug, info, warn, error, or syslog's 0 to 7"},
    KeyFlag{"--listen-http", "--listen-http", "http.listen", "ADDRESS:PORT of health, metrics and lists"},
};

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// rtpengine's spelling of a value in ours.
std::string own_spelling(std::string_view key, const std::string& value) {
  if (!is_number(value)) return value;
  if (key == "relay.timeout" || key == "relay.drain_timeout") return value + 's';
  if (key != "relay.log_level" || value.size() > 1 || value > "7") return value;
  if (value == "7") return "debug";
  if (value >= "5") return "info";
  return value == "4" ? "warn" : "error";
}

std::string add_setting(const std::string& text, std::vector<common::config::Override>& out) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return "--set takes table.key=value, not " + text;
  out.push_back({text.substr(0, equals), text.substr(equals + 1), "--set"});
  return {};
}

}  // namespace

std::variant<Options, Exit> parse_options(int argc, const char* const* argv) {
  Options options;
  bool foreground = false;
  bool ice_lite = false;
  std::map<std::string_view, std::vector<std::string>> values;
  std::vector<std::string> settings;
  CLI::App app{"RTP relay of Causeway, driven over rtpengine's ng protocol", "causeway-relay"};
  app.set_version_flag("--version", std::string{"causeway-relay "} + common::kVersion);
  app.add_option("--config", options.config, "Configuration file (TOML)");
  app.add_flag("--check", options.check, "Name every problem of the configuration and exit");
  app.add_flag("-f,--foreground", foreground, "Stay in the foreground; it always does");
  app.add_flag("--ice-lite", ice_lite, "Be a lite ICE agent");
  for (const KeyFlag& flag : kKeyFlags) app.add_option(flag.names, values[flag.key], flag.help);
  app.add_option("--set", settings, "Override one key: table.key=value; repeatable");
  app.add_flag("--print-reference", options.print_reference, "The reference page of every key, as Markdown");
  app.add_flag("--print-sample", options.print_sample, "A configuration file of every key with its default");
  try {
    app.parse(argc, argv);
    for (const std::string& text : settings) {
      if (const auto problem = add_setting(text, options.overrides); !problem.empty()) {
        throw CLI::ValidationError(problem);
      }
    }
  } catch (const CLI::ParseError& error) {
    return Exit{app.exit(error) == 0 ? EX_OK : EX_USAGE};
  }
  for (const KeyFlag& flag : kKeyFlags) {
    for (const std::string& value : values[flag.key]) {
      options.overrides.push_back({flag.key, own_spelling(flag.key, value), flag.flag});
    }
  }
  if (ice_lite) options.overrides.push_back({"relay.ice_lite", "true", "--ice-lite"});
  return options;
}

}  // namespace relay::app
