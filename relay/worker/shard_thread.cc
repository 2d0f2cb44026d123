#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "relay/worker/shard.h"

namespace relay::worker {
namespace {

/// Packets of one cycle from which on it pays to let more of them gather.
constexpr std::size_t kBusyCycle = 2;

/// One reading of the thread's CPU clock, a system call, each.
constexpr auto kLoadInterval = std::chrono::milliseconds{500};

common::Duration thread_cpu() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

void pin_to(std::thread& thread, unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ::pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
}

}  // namespace

ShardThread::ShardThread(std::unique_ptr<io::PacketIo> io, rtcp::NtpClock ntp, std::function<common::Instant()> clock,
                         Options options)
    : clock_(std::move(clock)),
      options_(options),
      shard_(std::move(io), ntp, clock_()),
      inbox_(options.inbox),
      outbox_(options.inbox),
      event_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!event_fd_) throw std::system_error(errno, std::generic_category(), "shard");
  thread_ = std::thread([this] { run(); });
  ::pthread_setname_np(thread_.native_handle(), "shard");
  if (options_.cpu) pin_to(thread_, *options_.cpu);
}

ShardThread::~ShardThread() {
  ShardCommand stop = StopShard{};
  while (!post(stop)) {
    while (poll_event()) {
    }
    std::this_thread::yield();
  }
  thread_.join();
}

bool ShardThread::post(ShardCommand& command) {
  if (!inbox_.push(command)) return false;
  shard_.io().wake();
  return true;
}

std::optional<ShardEvent> ShardThread::poll_event() {
  auto event = outbox_.pop();
  if (!event) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = ::read(event_fd_.get(), &count, sizeof count);
    event = outbox_.pop();
  }
  return event;
}

void ShardThread::run() {
  common::Instant now = clock_();
  while (!stopping_) {
    const auto limit = waiting_ ? std::optional<common::Duration>{std::chrono::milliseconds{1}} : std::nullopt;
    const std::size_t packets = shard_.run_once(now, limit, [&] { return now = clock_(); });
    take_commands(now);
    pass_events();
    watch_load(now);
    nap(packets);
  }
}

void ShardThread::take_commands(common::Instant now) {
  while (auto command = inbox_.pop()) {
    stopping_ = stopping_ || std::holds_alternative<StopShard>(*command);
    shard_.on_command(std::move(*command), now);
  }
}

void ShardThread::pass_events() {
  bool passed = false;
  for (;;) {
    if (!waiting_) waiting_ = shard_.poll_event();
    if (!waiting_ || !outbox_.push(*waiting_)) break;
    waiting_.reset();
    passed = true;
  }
  if (!passed) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = ::write(event_fd_.get(), &one, sizeof one);
}

void ShardThread::watch_load(common::Instant now) {
  const common::Duration elapsed = now - load_since_;
  if (elapsed < kLoadInterval) return;
  const common::Duration cpu = thread_cpu();
  shard_.on_load(static_cast<double>((cpu - cpu_then_).count()) / static_cast<double>(elapsed.count()));
  load_since_ = now;
  cpu_then_ = cpu;
}

/// Under load a short sleep gathers packets, so that one wake-up serves many. Not behind a full batch: what could be
/// gathered is waiting already, and a shard that sleeps then handles no more than a batch per nap.
void ShardThread::nap(std::size_t packets) const {
  const bool gathers = packets >= kBusyCycle && packets < Shard::kBatch;
  if (gathers && options_.nap > common::Duration::zero()) std::this_thread::sleep_for(options_.nap);
}

}  // namespace relay::worker
