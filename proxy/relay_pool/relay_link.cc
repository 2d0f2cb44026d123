#include "proxy/relay_pool/relay_link.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "common/base/byte_order.h"
#include "common/crypto/digest.h"
#include "common/event/sockets.h"
#include "common/log/log.h"

namespace proxy::relay_pool {
namespace {

constexpr std::size_t kMaxReply = 65536;
constexpr int kRepliesPerTurn = 64;

ng::ClientConfig client_config(common::Duration deadline) {
  ng::ClientConfig config;
  config.deadline = deadline;
  return config;
}

/// The datagram is gone as one on the network might be; its repeat comes.
bool is_loss(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == EINTR || error == EMSGSIZE;
}

}  // namespace

std::uint16_t fold_boot_id(std::string_view boot_id) {
  if (boot_id.empty()) return 0;
  const auto digest = common::crypto::sha256(common::as_bytes(boot_id));
  const std::uint16_t folded = common::load_be16(digest.data());
  return folded == 0 ? std::uint16_t{1} : folded;
}

RelayLink::RelayLink(common::event::Loop& loop, const common::SocketAddress& address, const Settings& settings,
                     const std::string& cookie_prefix)
    : loop_(loop),
      settings_(settings),
      requests_(client_config(settings.timeout), cookie_prefix + 'r'),
      pings_(client_config(settings.ping_deadline), cookie_prefix + 'p'),
      status_{.address = address},
      next_ping_(loop.now()),
      timer_(loop, [this](common::Instant now) { on_timer(now); }) {
  timer_.schedule(*next_ping_);
}

/// Sends nothing itself: a send may fail at once, and then `done` would run inside this call.
void RelayLink::ask(const ng::Request& request, Done done) {
  const common::Instant now = loop_.now();
  ++status_.requests;
  waiting_.emplace(requests_.send(request, now), std::move(done));
  timer_.schedule(now);
}

RelayStatus RelayLink::status() const {
  RelayStatus status = status_;
  status.healthy = healthy();
  status.in_flight = waiting_.size();
  return status;
}

void RelayLink::on_timer(common::Instant now) {
  requests_.on_timeout(now);
  pings_.on_timeout(now);
  if (next_ping_ && *next_ping_ <= now) ping(now);
  drain(now);
}

void RelayLink::ping(common::Instant now) {
  if (!healthy()) reconnect();
  next_ping_.reset();
  pings_.send(ng::Request{}, now);
}

/// A connected socket keeps the source address it was given first, also when that has left this host: a relay that does
/// not answer gets a new one, but not while replies may still arrive at the old one.
void RelayLink::reconnect() {
  if (socket_ && requests_.in_flight() > 0) return;
  watch_.reset();
  socket_.reset();
  auto connected = common::event::connect_udp(status_.address);
  if (!connected) return;  // no route: the ping finds no socket and fails
  socket_ = std::move(*connected);
  watch_.emplace(loop_, socket_.get(), [this](common::event::Ready) { on_readable(); });
  watch_->want(true, false);
}

void RelayLink::on_readable() {
  const common::Instant now = loop_.now();
  std::array<char, kMaxReply> bytes;
  for (int i = 0; i < kRepliesPerTurn; ++i) {
    const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (size < 0 && errno == ECONNREFUSED) {
      on_unreachable();
      continue;
    }
    if (size < 0) break;
    const std::string_view message{bytes.data(), static_cast<std::size_t>(size)};
    requests_.on_message(message, now);  // each client knows its own cookies
    pings_.on_message(message, now);
  }
  drain(now);
}

/// Completions run after all that was queued has been sent or has failed; what they ask for goes out in the next round.
void RelayLink::drain(common::Instant now) {
  for (;;) {
    auto requests = transmit(requests_);
    auto pings = transmit(pings_);
    if (requests.empty() && pings.empty()) break;
    for (const ng::Completed& ping : pings) on_ping_completed(ping, now);
    for (ng::Completed& request : requests) on_completed(request);
  }
  common::Instant next = next_ping_.value_or(common::Instant::max());
  if (const auto timeout = requests_.next_timeout()) next = std::min(next, *timeout);
  if (const auto timeout = pings_.next_timeout()) next = std::min(next, *timeout);
  timer_.schedule(next);
}

/// Takes everything out of `client`. After a refusal nothing more is sent: those requests have failed already, and a
/// relay that runs one of them after all would keep media that nobody knows of.
std::vector<ng::Completed> RelayLink::transmit(ng::Client& client) {
  std::vector<ng::Completed> completed;
  bool refused = false;
  while (auto output = client.poll_output()) {
    if (auto* end = std::get_if<ng::Completed>(&*output)) {
      completed.push_back(std::move(*end));
    } else if (!refused && !send(std::get<ng::SendRequest>(*output).message)) {
      refused = true;
      on_unreachable();
    }
  }
  return completed;
}

/// False: the relay cannot be reached.
bool RelayLink::send(std::string_view message) {
  if (!socket_) return false;
  return ::send(socket_.get(), message.data(), message.size(), 0) >= 0 || is_loss(errno);
}

void RelayLink::on_unreachable() {
  requests_.on_unreachable();
  pings_.on_unreachable();
  mark_unreachable(ng::ClientError::Unreachable);
}

void RelayLink::on_completed(ng::Completed& request) {
  auto waiting = waiting_.extract(request.id);
  if (request.result) {
    note_boot(*request.result);
  } else {
    ++status_.failures;
    if (request.result.error() == ng::ClientError::Deadline) ++status_.timeouts;
    mark_unreachable(request.result.error());
  }
  waiting.mapped()(std::move(request.result));
}

void RelayLink::on_ping_completed(const ng::Completed& ping, common::Instant now) {
  const auto& result = ping.result;
  if (result && result->succeeded()) {
    status_.boot = fold_boot_id(result->text("boot-id"));
    mark_reachable();
    next_ping_ = now + settings_.ping_interval;
    return;
  }
  mark_unreachable(result ? ng::ClientError::Unreachable : result.error());
  next_ping_ = now + settings_.retry_interval;
}

/// Offers and answers name the boot id too, so that a restart is known before the next ping.
void RelayLink::note_boot(const ng::Reply& reply) {
  if (const std::string boot_id = reply.text("boot-id"); !boot_id.empty()) status_.boot = fold_boot_id(boot_id);
}

void RelayLink::mark_reachable() {
  if (std::exchange(health_, Health::Reachable) == Health::Reachable) return;
  common::log::info("relay.reachable", {{"relay", status_.address.to_string()}});
}

void RelayLink::mark_unreachable(ng::ClientError why) {
  if (next_ping_) next_ping_ = std::min(*next_ping_, loop_.now() + settings_.retry_interval);
  if (std::exchange(health_, Health::Unreachable) == Health::Unreachable) return;
  common::log::warn("relay.unreachable", {{"relay", status_.address.to_string()}, {"reason", ng::to_string(why)}});
}

}  // namespace proxy::relay_pool
