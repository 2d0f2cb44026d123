#include <fmt/format.h>
#include <sysexits.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "common/config/reference.h"
#include "common/event/signal.h"
#include "common/log/log.h"
#include "common/net/fd.h"
#include "proxy/app/options.h"
#include "proxy/app/proxy_process.h"

namespace {

using namespace proxy::app;

int complain(const common::config::Problems& problems) {
  for (const auto& problem : problems) fmt::print(stderr, "{}\n", problem.to_string());
  return EX_CONFIG;
}

common::Result<ProxyConfig, common::config::Problems> read_configuration(const Options& options) {
  auto source = common::config::read_source(options.config);
  if (!source) return common::Err{common::config::Problems{source.error()}};
  auto overrides =
      common::config::overrides_from_environment(declared_configuration().decl(), kEnvironmentPrefix, std::getenv);
  overrides.insert(overrides.end(), options.overrides.begin(), options.overrides.end());
  return load_configuration(*source, overrides);
}

/// All or nothing: a file with a problem leaves everything as it is.
void reload(ProxyProcess& process, const Options& options) {
  const auto config = read_configuration(options);
  if (!config) {
    for (const auto& problem : config.error()) {
      common::log::error("proxy.reload_refused", {{"reason", problem.to_string()}});
    }
    return;
  }
  const auto problems = process.reload(*config);
  for (const std::string& problem : problems) common::log::error("proxy.reload_refused", {{"reason", problem}});
  if (problems.empty()) common::log::info("proxy.reloaded");
}

int run(const Options& options, ProxyConfig config) {
  common::raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  common::event::Loop loop;
  auto started = ProxyProcess::start(loop, std::move(config));
  if (!started) {
    for (const std::string& problem : started.error()) {
      common::log::error("proxy.start_failed", {{"reason", problem}});
    }
    return EX_UNAVAILABLE;
  }
  ProxyProcess& process = **started;
  const common::event::Signal on_term(loop, SIGTERM, [&] { process.drain(); });
  const common::event::Signal on_interrupt(loop, SIGINT, [&] { loop.stop(); });
  const common::event::Signal on_hangup(loop, SIGHUP, [&] { reload(process, options); });
  const auto admin = process.admin_address();
  common::log::info("proxy.started", {{"admin", admin ? admin->to_string() : "none"}});
  loop.run();
  common::log::info("proxy.stopped");
  return EX_OK;
}

int start(const Options& options) {
  const auto& declared = declared_configuration().decl();
  if (options.print_reference) {
    fmt::print("{}", common::config::reference(declared, "Configuration of causeway-proxy", kEnvironmentPrefix));
    return EX_OK;
  }
  if (options.print_sample) {
    fmt::print("{}", common::config::sample(declared, "causeway-proxy"));
    return EX_OK;
  }
  auto config = read_configuration(options);
  if (!config) return complain(config.error());
  common::log::set_level(*common::log::parse_level(config->proxy.log_level));
  if (!options.check) return run(options, std::move(*config));
  fmt::print("{}: no problem found\n", options.config);
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_options(argc, argv);
  if (const auto* exit = std::get_if<Exit>(&parsed)) return exit->code;
  try {
    return start(std::get<Options>(parsed));
  } catch (const std::exception& error) {  // descriptors, threads, memory: at start only
    common::log::error("proxy.start_failed", {{"reason", error.what()}});
    return EX_OSERR;
  }
}
