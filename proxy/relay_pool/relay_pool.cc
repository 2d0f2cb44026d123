#include "proxy/relay_pool/relay_pool.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "common/crypto/digest.h"
#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/log/log.h"
#include "common/net/fd.h"
#include "control-protocol/client/client.h"

namespace proxy::relay_pool {
namespace {

constexpr std::size_t kMaxReply = 65536;
constexpr int kRepliesPerCycle = 64;

std::uint32_t hash32(std::string_view text) {
  const auto digest = common::crypto::sha256(common::as_bytes(text));
  return common::load_be32(digest.data());
}

/// Sixteen bits of it, never 0: that stands for none.
std::uint16_t fold(const std::string& boot_id) {
  if (boot_id.empty()) return 0;
  return std::max(static_cast<std::uint16_t>(hash32(boot_id)), std::uint16_t{1});
}

}  // namespace

/// One relay: a connected socket, an ng client over it, and what the last ping told.
class RelayPool::Relay {
 public:
  Relay(RelayPool& pool, common::SocketAddress address, std::string cookie_prefix)
      : pool_(pool),
        address_(address),
        client_(ng::ClientConfig{.deadline = pool.settings_.timeout}, std::move(cookie_prefix)),
        timer_(pool.loop_, [this](common::Instant now) { on_timer(now); }),
        ping_timer_(pool.loop_, [this](common::Instant now) { ping(now); }) {
    connect();
    ping_timer_.schedule(pool_.loop_.now());
  }

  void ask(const ng::Request& request, Done done) {
    ++requests_;
    start(request, [this, done = std::move(done)](const auto& result) {
      if (!result) on_silence();
      done(result);
    });
  }

  bool healthy() const noexcept { return healthy_; }
  std::uint16_t boot() const noexcept { return boot_; }
  const common::SocketAddress& address() const noexcept { return address_; }
  RelayStatus status() const { return {address_, healthy_, boot_, requests_, failures_, waiting_.size()}; }

 private:
  void connect() {
    socket_ = common::Fd(::socket(address_.ip.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_storage storage;
    const socklen_t length = address_.to_sockaddr(storage);
    if (!socket_ || ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
      common::log::error("relay.no_socket", {{"relay", address_.to_string()}, {"error", std::strerror(errno)}});
      socket_.reset();
      return;
    }
    watch_.emplace(pool_.loop_, socket_.get(), [this](common::event::Ready) { on_readable(); });
    watch_->want(true, false);
  }

  void start(const ng::Request& request, Done done) {
    const common::Instant now = pool_.loop_.now();
    waiting_.emplace(client_.send(request, now), std::move(done));
    if (!socket_) connect();
    // From the loop: whoever asks is never answered before this call returns.
    pool_.loop_.defer([this, alive = std::weak_ptr<int>{alive_}] {
      if (!alive.expired()) drain();
    });
  }

  void ping(common::Instant) {
    ng::Request request;
    start(request, [this](const auto& result) {
      if (result && result->outcome == ng::Outcome::Pong) {
        on_pong(*result);
      } else {
        on_silence();
      }
      ping_timer_.schedule(pool_.loop_.now() +
                           (healthy_ ? pool_.settings_.ping_interval : pool_.settings_.retry_interval));
    });
  }

  void on_pong(const ng::Reply& reply) {
    boot_ = fold(reply.text("boot-id"));
    if (!healthy_) common::log::info("relay.reachable", {{"relay", address_.to_string()}});
    healthy_ = true;
  }

  void on_silence() {
    if (healthy_ || !told_) common::log::warn("relay.unreachable", {{"relay", address_.to_string()}});
    told_ = true;
    if (healthy_) ping_timer_.schedule(pool_.loop_.now() + pool_.settings_.retry_interval);
    healthy_ = false;
  }

  void on_readable() {
    std::array<char, kMaxReply> bytes;
    for (int i = 0; i < kRepliesPerCycle; ++i) {
      const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
      if (size >= 0) {
        client_.on_message({bytes.data(), static_cast<std::size_t>(size)}, pool_.loop_.now());
      } else if (errno == ECONNREFUSED) {
        client_.on_unreachable();
      } else if (errno != EINTR) {
        break;
      }
    }
    drain();
  }

  void on_timer(common::Instant now) {
    client_.on_timeout(now);
    drain();
  }

  void drain() {
    while (auto output = client_.poll_output()) {
      if (const auto* out = std::get_if<ng::SendRequest>(&*output)) {
        transmit(out->message);
      } else {
        auto& completed = std::get<ng::Completed>(*output);
        auto node = waiting_.extract(completed.id);
        if (!node.empty()) {
          if (!completed.result) ++failures_;
          node.mapped()(completed.result);
        }
      }
    }
    if (const auto next = client_.next_timeout()) timer_.schedule(*next);
  }

  void transmit(const std::string& message) {
    if (!socket_) return client_.on_unreachable();
    const ssize_t sent = ::send(socket_.get(), message.data(), message.size(), 0);
    if (sent < 0 && errno == ECONNREFUSED) client_.on_unreachable();
  }

  RelayPool& pool_;
  common::SocketAddress address_;
  ng::Client client_;
  common::Fd socket_;
  std::optional<common::event::Watch> watch_;
  common::event::Timer timer_;
  common::event::Timer ping_timer_;
  std::unordered_map<ng::CallId, Done> waiting_;
  bool healthy_ = false;
  bool told_ = false;
  std::uint16_t boot_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t failures_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // its end tells deferred tasks that nobody is here
};

RelayPool::RelayPool(common::event::Loop& loop, Settings settings, std::string cookie_prefix)
    : loop_(loop), settings_(std::move(settings)) {
  for (std::size_t i = 0; i < settings_.relays.size(); ++i) {
    relays_.push_back(std::make_unique<Relay>(*this, settings_.relays[i], cookie_prefix + std::to_string(i) + '_'));
  }
}

RelayPool::~RelayPool() = default;

std::vector<media::RelayIndex> RelayPool::order_for(std::string_view call_id) const {
  std::vector<std::pair<std::pair<bool, std::uint32_t>, media::RelayIndex>> ranked;
  for (std::size_t i = 0; i < relays_.size(); ++i) {
    const std::uint32_t weight = hash32(std::string{call_id} + '\n' + relays_[i]->address().to_string());
    ranked.push_back({{relays_[i]->healthy(), weight}, static_cast<media::RelayIndex>(i)});
  }
  std::ranges::sort(ranked, std::ranges::greater{});
  std::vector<media::RelayIndex> order;
  for (const auto& [rank, relay] : ranked) order.push_back(relay);
  return order;
}

std::uint16_t RelayPool::boot(media::RelayIndex relay) const {
  return relay < relays_.size() ? relays_[relay]->boot() : std::uint16_t{0};
}

void RelayPool::ask(media::RelayIndex relay, const ng::Request& request, Done done) {
  if (relay < relays_.size()) return relays_[relay]->ask(request, std::move(done));
  loop_.defer([done = std::move(done)] { done(common::Err{ng::ClientError::Unreachable}); });
}

std::vector<RelayStatus> RelayPool::statuses() const {
  std::vector<RelayStatus> statuses;
  for (const auto& relay : relays_) statuses.push_back(relay->status());
  return statuses;
}

}  // namespace proxy::relay_pool
