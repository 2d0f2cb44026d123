#include "proxy/app/options.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>

#include "common/base/version.h"

namespace proxy::app {
namespace {

/// `--set table.key=value`
std::string add_override(const std::string& text, std::vector<common::config::Override>& out) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return "--set takes table.key=value, not " + text;
  out.push_back({text.substr(0, equals), text.substr(equals + 1), "--set"});
  return {};
}

}  // namespace

std::variant<Options, Exit> parse_options(int argc, const char* const* argv) {
  Options options;
  std::string log_level;
  std::vector<std::string> settings;
  CLI::App app{"SIP edge proxy of Causeway", "causeway-proxy"};
  app.set_version_flag("--version", std::string{"causeway-proxy "} + common::kVersion);
  auto* config = app.add_option("--config", options.config, "Configuration file (TOML)");
  app.add_flag("--check", options.check, "Name every problem of the configuration and exit");
  app.add_option("--log-level", log_level, "debug, info, warn or error");
  app.add_option("--set", settings, "Override one key: table.key=value; repeatable");
  auto* reference =
      app.add_flag("--print-reference", options.print_reference, "The reference page of every key, as Markdown");
  auto* sample =
      app.add_flag("--print-sample", options.print_sample, "A configuration file of every key with its default");
  try {
    app.parse(argc, argv);
    if (config->empty() && reference->empty() && sample->empty()) throw CLI::RequiredError("--config");
    for (const std::string& text : settings) {
      if (const auto problem = add_override(text, options.overrides); !problem.empty()) {
        throw CLI::ValidationError(problem);
      }
    }
  } catch (const CLI::ParseError& error) {
    return Exit{app.exit(error) == 0 ? EX_OK : EX_USAGE};
  }
  if (!log_level.empty()) options.overrides.push_back({"proxy.log_level", log_level, "--log-level"});
  return options;
}

}  // namespace proxy::app
