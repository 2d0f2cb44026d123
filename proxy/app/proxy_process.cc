#include "proxy/app/proxy_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "common/crypto/digest.h"
#include "common/log/log.h"
#include "proxy/app/admin_views.h"
#include "proxy/app/proxy_metrics.h"
#include "proxy/dns/locate.h"

namespace proxy::app {
namespace {

namespace log = common::log;
using namespace std::chrono_literals;

constexpr common::Duration kTrunkLookups = 30s;
constexpr common::Duration kDrainLimit = 60s;  // longer than any transaction but a ringing INVITE
constexpr common::Duration kDrainCheck = 100ms;

common::WallTime wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

core::Settings core_settings(const ProxyConfig& config, common::crypto::Random& random) {
  return {.realm = config.realm(),
          .ringing = config.timers.ringing,
          .provisional = config.timers.provisional,
          .setup = config.timers.setup,
          .next_device = config.timers.next_device,
          .session_expires = static_cast<std::uint32_t>(
              std::chrono::floor<std::chrono::seconds>(config.timers.session_expires).count()),
          .teardown = config.relay.teardown_listen,
          .boot = random.u32()};
}

core::Keys keys_of(const Secrets& secrets) {
  const auto branch = [](const common::Bytes& secret) { return common::crypto::derive_key(secret, "branch"); };
  const auto sealing = [](const common::Bytes& secret) { return core::Sealer::derive(secret); };
  if (!secrets.other) return {core::Sealer{sealing(secrets.current)}, branch(secrets.current)};
  return {core::Sealer{sealing(secrets.current), sealing(*secrets.other)}, branch(secrets.current),
          branch(*secrets.other)};
}

common::Bytes nonce_key_of(const Secrets& secrets) { return common::crypto::derive_key(secrets.current, "nonce"); }

core::Administration administration_of(const ProxyConfig& config) {
  return {to_users(config), to_trunks(config), to_router(config), config.routing.follow_redirects};
}

std::vector<core::Listener> listeners_of(const transport::TransportLayer& transports) {
  std::vector<core::Listener> listeners;
  for (std::size_t i = 0; i < transports.listener_count(); ++i) {
    const transport::ListenerId id{static_cast<std::uint16_t>(i)};
    listeners.push_back({transports.kind(id), transports.local(id), transports.advertised(id)});
  }
  return listeners;
}

}  // namespace

common::Result<std::unique_ptr<ProxyProcess>, std::vector<std::string>> ProxyProcess::start(common::event::Loop& loop,
                                                                                            ProxyConfig config) {
  common::crypto::SystemRandom random;
  const auto secrets = load_or_make_secrets(config.proxy.secret_file, random);
  if (!secrets) return common::Err{std::vector{secrets.error()}};
  std::unique_ptr<ProxyProcess> process{new ProxyProcess(loop, std::move(config), *secrets)};
  if (auto problems = process->open(*secrets); !problems.empty()) return common::Err{std::move(problems)};
  return process;
}

ProxyProcess::ProxyProcess(common::event::Loop& loop, ProxyConfig config, const Secrets& secrets)
    : loop_(loop),
      config_(std::move(config)),
      settings_(core_settings(config_, random_)),
      keys_(keys_of(secrets)),
      administration_(administration_of(config_)),
      resolver_(loop.base(), to_resolver_settings(config_)),
      pair_(loop, random_, config_, {settings_.boot}, store_, resolver_),
      registrar_(to_registrar_settings(config_), pair_.locations()),
      authenticator_(
          to_authenticator_settings(config_), nonce_key_of(secrets),
          [this](std::string_view user, std::string_view) { return administration_.users.find(user); }, random_),
      relays_(loop, {.relays = config_.relay.control, .timeout = config_.relay.timeout}, random_.hex(8) + '_'),
      trunk_timer_(loop, [this](common::Instant) { learn_trunk_places(); }),
      drain_timer_(loop, [this](common::Instant) { stop_if_idle(); }) {
  metrics_.add([this](common::metrics::Page& page) { collect(page); });
}

std::vector<std::string> ProxyProcess::open(const Secrets& secrets) {
  auto worker = worker::Worker::open(
      loop_, to_transport_settings(config_), store_, registrar_,
      [this](worker::Worker& opened) { return services_for(opened); },
      [this](std::uint64_t key, transport::SendError error) { return pair_.is_foreign(key, error); });
  if (!worker) return std::move(worker.error());
  worker_ = std::move(*worker);
  if (auto problems = pair_.open(secrets); !problems.empty()) return problems;
  if (config_.relay.teardown_listen) {
    auto teardown = relay_pool::TeardownListener::listen(
        loop_, *config_.relay.teardown_listen, config_.relay.control,
        [this](const ng::Request& request, common::Instant) { return worker_->on_teardown(request.teardown_blob); });
    if (!teardown) return {"relay.teardown_listen: " + teardown.error()};
    teardown_ = std::move(*teardown);
  }
  if (config_.admin.listen) {
    common::http::Server::Settings http;
    http.bind = *config_.admin.listen;
    http.token = config_.admin.token;
    auto server = common::http::Server::listen(loop_, std::move(http));
    if (!server) return {"admin.listen: " + server.error()};
    http_ = std::move(*server);
    add_routes();
  }
  learn_trunk_places();
  return {};
}

core::Services ProxyProcess::services_for(worker::Worker& worker) {
  const auto settle = [&worker] { worker.settle(); };
  listeners_.emplace(config_.proxy.domains, listeners_of(worker.transports()));
  settling_relays_.emplace(relays_, settle);
  return {.settings = settings_,
          .listeners = *listeners_,
          .administration = administration_,
          .keys = keys_,
          .table = worker.table(),
          .sender = pair_.attach(worker, *listeners_),
          .store = pair_.locations(),
          .registrar = registrar_,
          .authenticator = authenticator_,
          .relays = *settling_relays_,
          .trunk_health = trunk_health_,
          .random = random_,
          .locate =
              [this, settle](next_hop::Wanted wanted, std::uint64_t seed, dns::Done<next_hop::Candidates> done) {
                dns::locate(resolver_, std::move(wanted), listeners_->request_kinds(), seed,
                            [settle, done = std::move(done)](const auto& places) {
                              done(places);
                              settle();
                            });
              },
          .hand_over = [this](transport::ProcessId to, const transport::Flow& flow,
                              const std::string& bytes) { return pair_.hand_over(to, flow, bytes); },
          .now = [this] { return loop_.now(); },
          .wall = wall_clock};
}

/// A trunk known by name calls from the addresses of that name; they are looked up before the first call comes.
void ProxyProcess::learn_trunk_places() {
  trunk_health_.keep(administration_.trunks);
  for (const trunk::Trunk& trunk : administration_.trunks.all()) {
    dns::locate(resolver_, trunk.wanted(), listeners_->request_kinds(), 0, [this, trunk](const auto& places) {
      if (!places) return;
      administration_.trunks.learn(trunk, *places);
      trunk_health_.watch(trunk, *places, loop_.now());
      worker_->settle();
    });
  }
  trunk_timer_.schedule(loop_.now() + kTrunkLookups);
}

void ProxyProcess::add_routes() {
  using common::http::Access;
  using common::http::Request;
  http_->route("/healthz", [](const Request&) { return common::http::text(200, "ok\n"); }, Access::Open);
  http_->route(
      "/readyz",
      [this](const Request&) {
        if (draining_) return common::http::text(503, "draining\n");
        return is_ready() ? common::http::text(200, "ok\n") : common::http::text(200, "degraded: no relay answers\n");
      },
      Access::Open);
  http_->route("/metrics", [this](const Request&) {
    return common::http::Response{200, std::string(common::metrics::kContentType), metrics_.expose()};
  });
  http_->route("/v1/registrations", [this](const Request&) {
    return common::http::json(200, registrations_json(store_.all(), loop_.now()));
  });
  http_->route("/v1/trunks", [this](const Request&) {
    return common::http::json(200, trunks_json(administration_.trunks, trunk_health_, loop_.now()));
  });
}

/// Calls with media need a relay. A proxy without one still registers and answers, so it stays in service.
bool ProxyProcess::is_ready() const {
  const auto statuses = relays_.statuses();
  return std::ranges::any_of(statuses, [](const auto& status) { return status.healthy; });
}

void ProxyProcess::collect(common::metrics::Page& page) const {
  write_transport_metrics(page, worker_->transports().stats());
  write_transaction_metrics(page, worker_->table());
  write_core_metrics(page, worker_->core(), worker_->counters());
  write_registrar_metrics(page, registrar_.counters(), store_.size());
  write_relay_metrics(page, relays_.statuses());
}

std::vector<std::string> ProxyProcess::reload(const ProxyConfig& config) {
  const auto secrets = load_secrets(config.proxy.secret_file);
  if (!secrets) return {secrets.error()};
  auto problems = worker_->transports().reload_certificates(to_transport_settings(config));
  if (!problems.empty()) return problems;
  keys_ = keys_of(*secrets);
  authenticator_.set_nonce_key(nonce_key_of(*secrets));
  core::Administration next = administration_of(config);
  next.trunks.keep_learnt(administration_.trunks);
  administration_ = std::move(next);
  learn_trunk_places();
  log::set_level(*log::parse_level(config.proxy.log_level));
  if (const auto tables = tables_to_restart_for(config_, config); !tables.empty()) {
    log::warn("proxy.restart_needed", {{"tables", fmt::format("{}", fmt::join(tables, " "))}});
  }
  return {};
}

void ProxyProcess::drain() {
  if (draining_) return;
  draining_ = true;
  log::info("proxy.draining", {{"forwardings", worker_->busy()}});
  worker_->transports().stop_accepting();
  worker_->drain();
  drain_deadline_ = loop_.now() + kDrainLimit;
  stop_if_idle();
}

void ProxyProcess::stop_if_idle() {
  if (worker_->busy() == 0 || loop_.now() >= drain_deadline_) {
    worker_->transports().shutdown();
    return loop_.stop();
  }
  drain_timer_.schedule(loop_.now() + kDrainCheck);
}

std::optional<common::SocketAddress> ProxyProcess::admin_address() const {
  if (http_ == nullptr) return std::nullopt;
  return http_->local();
}

}  // namespace proxy::app
