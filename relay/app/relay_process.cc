#include "relay/app/relay_process.h"

#include <chrono>
#include <utility>

#include "common/base/overload.h"
#include "common/log/log.h"
#include "control-protocol/message/envelope.h"
#include "relay/app/relay_metrics.h"
#include "relay/dtls/certificate.h"

namespace relay::app {
namespace {

namespace log = common::log;

constexpr std::size_t kMaxListed = 10'000;
constexpr auto kFarewell = std::chrono::seconds{1};                // for goodbyes and teardowns at the end
constexpr auto kHurriedTeardown = std::chrono::milliseconds{400};  // two addresses of a proxy fit into that

common::WallTime wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

control::PortAllocator::Settings port_settings(const RelayConfig& config) {
  control::PortAllocator::Settings settings;
  settings.interfaces = config.relay.interfaces;
  settings.first = common::Port{config.relay.port_min};
  settings.last = common::Port{config.relay.port_max};
  settings.shards = config.threads();
  return settings;
}

control::CallDirectory::Settings directory_settings(const RelayConfig& config, common::crypto::Random& random) {
  control::CallDirectory::Settings settings;
  settings.max_sessions = config.relay.max_sessions;
  settings.media_timeout = config.relay.timeout;
  settings.ice_lite = config.relay.ice_lite;
  settings.boot_id = random.hex(8);
  return settings;
}

/// `{"sessions":[{"call_id":…,"shard":…,"branches":…,"answered":…,"seconds":…}]}`
std::string sessions_json(const std::vector<control::CallSummary>& calls, common::WallTime now) {
  ng::List rows;
  for (const control::CallSummary& call : calls) {
    rows.emplace_back(
        ng::Dictionary{{"call_id", call.call_id},
                       {"shard", call.shard},
                       {"branches", call.branches},
                       {"answered", call.answered ? 1 : 0},
                       {"seconds", std::chrono::duration_cast<std::chrono::seconds>(now - call.created).count()}});
  }
  return ng::encode(ng::Encoding::Json, ng::Dictionary{{"sessions", std::move(rows)}});
}

}  // namespace

common::Result<std::unique_ptr<RelayProcess>, std::string> RelayProcess::start(common::event::Loop& loop,
                                                                               const RelayConfig& config) {
  common::crypto::SystemRandom random;
  auto certificate = dtls::Certificate::make(random, wall_clock());
  if (certificate == nullptr) return common::Err{std::string("OpenSSL made no certificate for DTLS")};
  std::unique_ptr<RelayProcess> relay(new RelayProcess(loop, config, std::move(certificate)));
  if (auto problem = relay->listen(config)) return common::Err{std::move(*problem)};
  return relay;
}

RelayProcess::RelayProcess(common::event::Loop& loop, const RelayConfig& config,
                           std::shared_ptr<const dtls::Certificate> certificate)
    : loop_(loop),
      drain_timeout_(config.relay.drain_timeout),
      shards_(loop, config.threads(), wall_clock()),
      ports_(port_settings(config), [&loop] { return loop.now(); }),
      directory_(directory_settings(config, random_), shards_, ports_, random_, std::move(certificate)),
      teardown_(loop, {}, random_.hex(8) + '_'),
      directory_timer_(loop,
                       [this](common::Instant now) {
                         directory_.on_timeout({now, wall_clock()});
                         after_input();
                       }),
      drain_deadline_(loop,
                      [this](common::Instant) {
                        log::warn("relay.drain_timeout", {{"calls", directory_.calls()}});
                        end();
                      }),
      end_deadline_(loop, [this](common::Instant) {
        log::warn("relay.end_timeout", {{"teardowns", teardown_.running()}});
        loop_.stop();
      }) {
  teardown_.on_idle([this] { after_input(); });
  shards_.on_event([this](const worker::ShardEvent& event) {
    directory_.on_shard_event(event, {loop_.now(), wall_clock()});
    after_input();
  });
  metrics_.add([this](common::metrics::Page& page) { collect(page); });
}

std::optional<std::string> RelayProcess::listen(const RelayConfig& config) {
  control::NgEndpoint::Settings ng_settings;
  ng_settings.bind = config.ng.listen;
  ng_settings.peers = config.ng_peers();
  auto ng = control::NgEndpoint::listen(loop_, std::move(ng_settings),
                                        [this](ng::RequestId id, const ng::Request& request, common::Instant now) {
                                          directory_.on_request(id, request, {now, wall_clock()});
                                          after_input();
                                        });
  if (!ng) return "ng: " + ng.error();
  ng_ = std::move(*ng);
  common::http::Server::Settings http_settings;
  http_settings.bind = config.http.listen;
  http_settings.token = config.http.token;
  auto http = common::http::Server::listen(loop_, std::move(http_settings));
  if (!http) return "http: " + http.error();
  http_ = std::move(*http);
  add_routes();
  return std::nullopt;
}

void RelayProcess::add_routes() {
  using common::http::Access;
  using common::http::Request;
  http_->route("/healthz", [](const Request&) { return common::http::text(200, "ok\n"); }, Access::Open);
  http_->route(
      "/readyz",
      [this](const Request&) {
        return directory_.draining() ? common::http::text(503, "draining\n") : common::http::text(200, "ok\n");
      },
      Access::Open);
  http_->route("/metrics", [this](const Request&) {
    return common::http::Response{200, std::string(common::metrics::kContentType), metrics_.expose()};
  });
  http_->route("/v1/sessions", [this](const Request&) {
    return common::http::json(200, sessions_json(directory_.summaries(kMaxListed), wall_clock()));
  });
}

void RelayProcess::collect(common::metrics::Page& page) const {
  write_directory_metrics(page, directory_, ports_.pairs_in_use());
  write_endpoint_metrics(page, *ng_);
  write_teardown_metrics(page, teardown_.counters());
  for (std::size_t shard = 0; shard < shards_.count(); ++shard) {
    write_shard_metrics(page, shard, shards_.counters(shard));
  }
}

void RelayProcess::after_input() {
  while (auto output = directory_.poll_output()) {
    std::visit(common::Overload{
                   [&](control::Answered& answered) { ng_->reply(answered.id, answered.reply); },
                   [&](control::TellTeardown& tell) { teardown_.send(std::move(tell.request), std::move(tell.to)); },
               },
               *output);
  }
  if (const auto next = directory_.next_timeout()) directory_timer_.schedule(*next);
  if (directory_.draining()) stop_if_done();
}

void RelayProcess::drain() {
  if (directory_.draining()) return;
  directory_.drain();
  log::info("relay.draining", {{"calls", directory_.calls()}});
  drain_deadline_.schedule(loop_.now() + drain_timeout_);
  stop_if_done();
}

void RelayProcess::end() {
  if (std::exchange(ending_, true)) return;
  log::info("relay.ending", {{"calls", directory_.calls()}});
  drain_deadline_.cancel();
  end_deadline_.schedule(loop_.now() + kFarewell);
  teardown_.hurry(kHurriedTeardown);
  directory_.end_all({loop_.now(), wall_clock()});
  after_input();
}

/// Shards have said goodbye when they have reported. The loop ends after the replies of this cycle have left.
void RelayProcess::stop_if_done() {
  if (directory_.calls() == 0 && !directory_.next_timeout() && teardown_.running() == 0) loop_.stop();
}

}  // namespace relay::app
