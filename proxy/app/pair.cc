#include "proxy/app/pair.h"

#include "common/crypto/digest.h"
#include "common/tls/shared_key.h"
#include "proxy/core/peer.h"
#include "proxy/sip/uri.h"

namespace proxy::app {
namespace {

using common::redis::Access;

common::Bytes link_key(const common::Bytes& secret) { return common::crypto::derive_key(secret, "cluster link"); }

std::vector<common::Bytes> link_keys(const Secrets& secrets) {
  std::vector<common::Bytes> keys{link_key(secrets.current)};
  if (secrets.other) keys.push_back(link_key(*secrets.other));
  return keys;
}

common::Result<redis::SharedState::Settings, std::string> shared_settings(const ProxyConfig& config) {
  const RedisSection& section = config.redis;
  redis::SharedState::Settings settings{{.servers = section.servers, .sentinel_group = section.sentinel_group},
                                        section.prefix};
  const std::string name = "causeway-proxy" + (config.cluster.name.empty() ? "" : '-' + config.cluster.name);
  settings.servers.access.identity = {section.username, section.password, name};
  settings.servers.sentinel_access.identity = {"", section.sentinel_password, name};
  if (section.tls) {
    auto context = common::tls::Context::client({config.tls.ca, config.tls.certificate, config.tls.key});
    if (!context) return common::Err{"redis.tls: " + context.error()};
    settings.servers.access.tls = {*context, section.tls_name};
    settings.servers.sentinel_access.tls = settings.servers.access.tls;
  }
  return settings;
}

common::WallTime wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

Pair::Pair(common::event::Loop& loop, common::crypto::Random& random, const ProxyConfig& config,
           transport::ProcessId self, store::MemoryLocationStore& copy, dns::Resolver& resolver)
    : loop_(loop), random_(random), config_(config), self_(self), copy_(copy), resolver_(resolver) {
  if (!config_.redis.servers.empty()) open_redis();
}

void Pair::open_redis() {
  const auto settings = shared_settings(config_);
  if (!settings) return problems_.push_back(settings.error());
  redis_.emplace(
      loop_, random_, *settings, [this](const std::string& host, const auto& done) { resolve(host, done); }, copy_,
      redis::LocationStore::Events{.on_changed = [this](const std::string& aor) { on_registered_elsewhere(aor); },
                                   .on_completed =
                                       [this] {
                                         if (worker_ != nullptr) worker_->settle();
                                       },
                                   .frame = [this] { return redis::Frame{loop_.now(), wall_clock(), self_}; }});
}

transport::Sender& Pair::attach(worker::Worker& worker, const core::Listeners& listeners) {
  worker_ = &worker;
  listeners_ = &listeners;
  if (!config_.cluster.listen) return worker.transports();
  held_.emplace(loop_, [this] {
    if (links_) links_->beat();
  });
  switch_.emplace(
      loop_, worker.transports(),
      [this](transport::ListenerId listener) { return held_->holds(listeners_->at(listener).bound.ip); },
      cluster::Switch::Events{
          .on_send_failed = [this](std::uint64_t key, transport::SendError) { worker_->on_send_failed(key); },
          .on_message = [this](const transport::Flow& flow,
                               std::string_view bytes) { worker_->on_message(flow, bytes, loop_.now()); }});
  return *switch_;
}

std::vector<transport::ListenerId> Pair::held_listeners() const {
  std::vector<transport::ListenerId> held;
  for (std::size_t i = 0; i < listeners_->size(); ++i) {
    const transport::ListenerId id{static_cast<std::uint16_t>(i)};
    if (held_->holds(listeners_->at(id).bound.ip)) held.push_back(id);
  }
  return held;
}

std::vector<std::string> Pair::open(const Secrets& secrets) {
  if (!problems_.empty() || !config_.cluster.listen) return problems_;
  auto links = cluster::Links::open(
      loop_,
      {.listen = *config_.cluster.listen,
       .peers = config_.cluster.peers,
       .name = config_.cluster.name,
       .self = self_,
       .client = common::tls::shared_key_client(link_key(secrets.current)),
       .server = common::tls::shared_key_server(link_keys(secrets))},
      {.on_message = [this](transport::ProcessId from,
                            cluster::LinkMessage message) { switch_->on_message(from, std::move(message)); },
       .on_up = [](transport::ProcessId) {},
       .on_down = [](transport::ProcessId) {},
       .held = [this] { return held_listeners(); }});
  if (!links) return {"cluster.listen: " + links.error()};
  links_ = std::move(*links);
  switch_->use(*links_);
  return {};
}

store::LocationStore& Pair::locations() noexcept {
  if (redis_) return redis_->locations();
  return copy_;
}

bool Pair::hand_over(transport::ProcessId to, const transport::Flow& flow, const std::string& bytes) {
  return switch_ && switch_->hand_over(to, flow, bytes);
}

bool Pair::is_foreign(std::uint64_t key, transport::SendError error) {
  return switch_ && switch_->on_own_send_failed(key, error);
}

void Pair::on_registered_elsewhere(const std::string& aor) {
  const auto uri = sip::Uri::parse(aor);
  if (uri && worker_ != nullptr) worker_->on_registered(core::owner_of_user(uri->plain_user()));
}

void Pair::resolve(const std::string& host, const std::function<void(std::vector<common::IpAddress>)>& done) {
  resolver_.lookup(host, [done](const auto& found) { done(found ? *found : std::vector<common::IpAddress>{}); });
}

}  // namespace proxy::app
