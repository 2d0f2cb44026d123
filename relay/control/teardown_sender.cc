#include "relay/control/teardown_sender.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "common/event/sockets.h"
#include "common/log/log.h"

namespace relay::control {

/// One teardown on its way: a connected socket and an ng client per try.
class TeardownSender::Task {
 public:
  Task(TeardownSender& owner, ng::Request request, std::vector<common::SocketAddress> to, std::string cookie_prefix)
      : owner_(owner),
        request_(std::move(request)),
        to_(std::move(to)),
        cookie_prefix_(std::move(cookie_prefix)),
        timer_(owner.loop_, [this](common::Instant now) { on_timer(now); }) {
    timer_.schedule(owner.loop_.now());
  }

  const std::string& call_id() const noexcept { return request_.call_id; }

 private:
  void on_timer(common::Instant now) {
    if (!client_) return start(now);
    client_->on_timeout(now);
    drain(now);
  }

  void start(common::Instant now) {
    const common::SocketAddress& to = to_[tries_ % to_.size()];
    ng::ClientConfig config;
    config.deadline = owner_.settings_.deadline;
    client_.emplace(config, cookie_prefix_ + std::to_string(tries_));
    ++tries_;
    auto socket = common::event::connect_udp(to);
    if (!socket) return next_try(now);
    socket_ = std::move(*socket);
    watch_.emplace(owner_.loop_, socket_.get(), [this](common::event::Ready) { on_readable(); });
    watch_->want(true, false);
    client_->send(request_, now);
    drain(now);
  }

  void on_readable() {
    std::array<char, 65536> bytes;
    const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    const common::Instant now = owner_.loop_.now();
    if (size >= 0) {
      client_->on_message({bytes.data(), static_cast<std::size_t>(size)}, now);
    } else if (errno == ECONNREFUSED) {
      client_->on_unreachable();
    }
    drain(now);
  }

  void drain(common::Instant now) {
    while (auto output = client_->poll_output()) {
      if (const auto* message = std::get_if<ng::SendRequest>(&*output)) {
        if (::send(socket_.get(), message->message.data(), message->message.size(), 0) < 0 && errno == ECONNREFUSED) {
          client_->on_unreachable();
        }
        continue;
      }
      const auto& result = std::get<ng::Completed>(*output).result;
      if (result && result->succeeded()) return owner_.finish(*this, true);
      return next_try(now);
    }
    if (const auto next = client_->next_timeout()) timer_.schedule(*next);
  }

  void next_try(common::Instant now) {
    client_.reset();
    watch_.reset();
    socket_.reset();
    if (tries_ >= to_.size() * static_cast<std::size_t>(owner_.settings_.rounds)) return owner_.finish(*this, false);
    const bool round_over = tries_ % to_.size() == 0;
    timer_.schedule(round_over ? now + owner_.settings_.pause : now);
  }

  TeardownSender& owner_;
  ng::Request request_;
  std::vector<common::SocketAddress> to_;
  std::string cookie_prefix_;
  std::size_t tries_ = 0;
  std::optional<ng::Client> client_;
  common::Fd socket_;
  std::optional<common::event::Watch> watch_;
  common::event::Timer timer_;
};

TeardownSender::TeardownSender(common::event::Loop& loop, Settings settings, std::string cookie_prefix)
    : loop_(loop),
      settings_(settings),
      cookie_prefix_(std::move(cookie_prefix)),
      idle_timer_(loop, [this](common::Instant) {
        if (tasks_.empty() && on_idle_) on_idle_();
      }) {}

TeardownSender::~TeardownSender() = default;

void TeardownSender::send(ng::Request request, std::vector<common::SocketAddress> to) {
  if (tasks_.size() >= settings_.max_running) {
    ++counters_.failed;
    return;
  }
  tasks_.push_back(std::make_unique<Task>(*this, std::move(request), std::move(to),
                                          cookie_prefix_ + std::to_string(++last_task_) + '_'));
}

void TeardownSender::hurry(common::Duration deadline) noexcept {
  settings_.deadline = deadline;
  settings_.pause = common::Duration::zero();
}

/// Called by the task itself: it is destroyed once its own stack is left.
void TeardownSender::finish(Task& task, bool delivered) {
  ++(delivered ? counters_.delivered : counters_.failed);
  if (delivered) {
    common::log::info("teardown.delivered", {{"call_id", task.call_id()}});
  } else {
    common::log::warn("teardown.failed", {{"call_id", task.call_id()}});
  }
  const auto found = std::ranges::find(tasks_, &task, [](const auto& t) { return t.get(); });
  std::shared_ptr<Task> ended(std::move(*found));
  tasks_.erase(found);
  loop_.defer([ended] {});
  if (tasks_.empty()) idle_timer_.schedule(loop_.now());
}

}  // namespace relay::control
