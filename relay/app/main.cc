#include <fmt/format.h>
#include <sysexits.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>

#include "common/config/reference.h"
#include "common/event/signal.h"
#include "common/log/log.h"
#include "common/net/fd.h"
#include "relay/app/options.h"
#include "relay/app/relay_process.h"

namespace {

using namespace relay::app;

int complain(common::config::Problems problems, bool from_file) {
  for (auto& problem : problems) {
    if (!from_file) problem.line = 0;
    fmt::print(stderr, "{}\n", problem.to_string());
  }
  return EX_CONFIG;
}

int run(const RelayConfig& config) {
  common::raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  common::event::Loop loop;
  auto relay = RelayProcess::start(loop, config);
  if (!relay) {
    common::log::error("relay.start_failed", {{"reason", relay.error()}});
    return EX_UNAVAILABLE;
  }
  const common::event::Signal on_term(loop, SIGTERM, [&] { (*relay)->drain(); });
  const common::event::Signal on_interrupt(loop, SIGINT, [&] { (*relay)->end(); });
  common::log::info("relay.started", {{"ng", (*relay)->ng_address().to_string()},
                                      {"http", (*relay)->http_address().to_string()},
                                      {"shards", config.threads()}});
  loop.run();
  common::log::info("relay.stopped");
  return EX_OK;
}

int start(const Options& options) {
  const auto& declared = declared_configuration().decl();
  if (options.print_reference) {
    fmt::print("{}", common::config::reference(declared, "Configuration of causeway-relay", kEnvironmentPrefix));
    return EX_OK;
  }
  if (options.print_sample) {
    fmt::print("{}", common::config::sample(declared, "causeway-relay"));
    return EX_OK;
  }
  common::config::Source source{options.config.empty() ? "command line" : options.config, ""};
  if (!options.config.empty()) {
    auto read = common::config::read_source(options.config);
    if (!read) return complain({read.error()}, true);
    source = std::move(*read);
  }
  auto overrides = common::config::overrides_from_environment(declared, kEnvironmentPrefix, std::getenv);
  overrides.insert(overrides.end(), options.overrides.begin(), options.overrides.end());
  const auto config = load_configuration(source, overrides);
  if (!config) return complain(config.error(), !options.config.empty());
  common::log::set_level(*common::log::parse_level(config->relay.log_level));
  if (!options.check) return run(*config);
  fmt::print("{}: no problem found\n", source.name);
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_options(argc, argv);
  if (const auto* exit = std::get_if<Exit>(&parsed)) return exit->code;
  try {
    return start(std::get<Options>(parsed));
  } catch (const std::exception& error) {  // descriptors, threads, memory: at start only
    common::log::error("relay.start_failed", {{"reason", error.what()}});
    return EX_OSERR;
  }
}
