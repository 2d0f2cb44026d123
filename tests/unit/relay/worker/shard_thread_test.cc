#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <future>
#include <mutex>

#include "relay/worker/shard.h"

using namespace relay;
using namespace relay::worker;
using namespace std::chrono_literals;

/// ShardThread of relay/worker/shard.h: the thread, its inbox and its outbox.
namespace {

constexpr auto kLimit = 10s;  // for what takes microseconds on an idle machine

common::Instant read_clock() {
  return common::Instant{
      std::chrono::duration_cast<common::Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

/// A back end that sleeps until it is woken, gives packets of nobody's, and can keep the shard away from its inbox.
class Gate final : public io::PacketIo {
 public:
  io::PortHandle open(common::Fd) override { return 0; }
  void close(io::PortHandle) override {}
  std::size_t receive(std::span<packet::PacketBuffer> batch, std::optional<common::Duration> timeout) override {
    ++cycles;
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return !shut_ && (woken_ || cycles_with_packets_ > 0); };
    if (timeout && !shut_) {
      changed_.wait_for(lock, *timeout, ready);
    } else {
      changed_.wait(lock, ready);
    }
    woken_ = false;
    if (cycles_with_packets_ == 0) return 0;
    --cycles_with_packets_;
    for (std::size_t i = 0; i < packets_; ++i) batch[i].port_handle = 1000;  // owned by no leg
    return packets_;
  }
  void send(packet::PacketBuffer&) override {}
  void flush() override { ++flushes; }
  void wake() noexcept override {
    change([&] { woken_ = true; });
  }
  const io::IoCounters& counters() const noexcept override { return counters_; }

  void shut(bool shut) {
    change([&] { shut_ = shut; });
  }
  void give(int cycles_with_packets, std::size_t packets) {
    change([&] {
      cycles_with_packets_ = cycles_with_packets;
      packets_ = packets;
    });
  }

  std::atomic<int> cycles{0};
  std::atomic<int> flushes{0};

 private:
  template <class Change>
  void change(Change change) noexcept {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool shut_ = false;
  int cycles_with_packets_ = 0;
  std::size_t packets_ = 0;
  io::IoCounters counters_;
};

/// Turns until `done`; false after a long time.
template <class Done>
bool eventually(Done done) {
  const auto end = std::chrono::steady_clock::now() + kLimit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(100us);
  }
  return true;
}

struct Scene {
  explicit Scene(ShardThread::Options options = {}, std::function<common::Instant()> clock = read_clock) {
    auto made = std::make_unique<Gate>();
    gate = made.get();
    thread.emplace(std::move(made), rtcp::NtpClock{read_clock(), common::WallTime{}}, std::move(clock), options);
  }

  bool ask(std::uint64_t token) {
    ShardCommand command = QuerySession{{1}, {token}};
    return thread->post(command);
  }
  /// The token of the next report.
  std::uint64_t hear() {
    std::optional<ShardEvent> event;
    REQUIRE(eventually([&] { return (event = thread->poll_event()).has_value(); }));
    return std::get<Reported>(*event).token.value;
  }
  bool readable() const {
    pollfd descriptor{.fd = thread->event_fd(), .events = POLLIN, .revents = 0};
    return ::poll(&descriptor, 1, 0) == 1;
  }

  Gate* gate = nullptr;
  std::optional<ShardThread> thread;
};

}  // namespace

TEST_CASE("a command wakes the shard, and its report makes the descriptor readable", "[shard]") {
  Scene scene;
  CHECK_FALSE(scene.readable());
  REQUIRE(scene.ask(7));
  REQUIRE(eventually([&] { return scene.readable(); }));
  CHECK(scene.hear() == 7);
  CHECK_FALSE(scene.thread->poll_event());
  CHECK_FALSE(scene.readable());
}

TEST_CASE("commands are done in the order of posting", "[shard]") {
  Scene scene;
  for (std::uint64_t token = 1; token <= 1000; ++token) REQUIRE(scene.ask(token));
  for (std::uint64_t token = 1; token <= 1000; ++token) CHECK(scene.hear() == token);
}

TEST_CASE("a full inbox takes nothing and leaves the command whole", "[shard]") {
  Scene scene({.inbox = 4, .cpu = {}});
  scene.gate->shut(true);
  REQUIRE(eventually([&] { return scene.gate->cycles > 0; }));
  for (std::uint64_t token = 1; token <= 4; ++token) REQUIRE(scene.ask(token));
  session::SessionPlan plan;
  plan.call_id = "whole";
  ShardCommand command = ApplyPlan{{1}, std::move(plan)};
  CHECK_FALSE(scene.thread->post(command));
  CHECK(std::get<ApplyPlan>(command).plan.call_id == "whole");
  scene.gate->shut(false);
  for (std::uint64_t token = 1; token <= 4; ++token) CHECK(scene.hear() == token);
  CHECK(eventually([&] { return scene.thread->post(command); }));
  CHECK(eventually([&] { return scene.thread->counters().sessions.load() == 1; }));
}

TEST_CASE("reports that find the outbox full wait and keep their order", "[shard]") {
  Scene scene({.inbox = 4, .cpu = {}});
  for (std::uint64_t token = 1; token <= 20; ++token) {
    REQUIRE(eventually([&] { return scene.ask(token); }));
  }
  for (std::uint64_t token = 1; token <= 20; ++token) CHECK(scene.hear() == token);
}

TEST_CASE("a shard goes away with a full inbox and unread reports too", "[shard]") {
  Scene scene({.inbox = 4, .cpu = {}});
  for (std::uint64_t token = 1; token <= 8; ++token) {
    REQUIRE(eventually([&] { return scene.ask(token); }));
  }
  scene.gate->shut(true);
  while (scene.ask(9)) {
  }
  scene.gate->shut(false);
  const auto gone = std::async(std::launch::async, [&] { scene.thread.reset(); });
  CHECK(gone.wait_for(kLimit) == std::future_status::ready);
}

TEST_CASE("the clock is read once a cycle", "[shard]") {
  std::atomic<int> readings{0};
  Scene scene({}, [&] {
    ++readings;
    return read_clock();
  });
  REQUIRE(eventually([&] { return scene.gate->cycles == 1; }));
  const int before = readings;
  scene.gate->give(50, 1);
  REQUIRE(eventually([&] { return scene.gate->cycles == 51; }));
  CHECK(readings - before == 50);
}

TEST_CASE("a few packets in a cycle make the next one wait for more; one packet, or a full batch, does not",
          "[shard]") {
  const auto takes = [](std::size_t packets, common::Duration nap) {
    Scene scene({.cpu = {}, .nap = nap});
    REQUIRE(eventually([&] { return scene.gate->cycles == 1; }));
    const auto begin = std::chrono::steady_clock::now();
    scene.gate->give(5, packets);
    REQUIRE(eventually([&] { return scene.gate->cycles == 6; }));
    return std::chrono::steady_clock::now() - begin;
  };
  CHECK(takes(2, 100ms) >= 500ms);
  CHECK(takes(Shard::kBatch - 1, 100ms) >= 500ms);
  CHECK(takes(1, 100ms) < 500ms);
  CHECK(takes(Shard::kBatch, 100ms) < 500ms);
  CHECK(takes(2, 0ms) < 500ms);
}

TEST_CASE("what a shard counts can be read from outside while it runs", "[shard]") {
  Scene scene;
  scene.gate->give(3, 2);
  const auto unowned = [&] {
    return scene.thread->counters().dropped[static_cast<std::size_t>(session::DropReason::UnownedPort)].load();
  };
  CHECK(eventually([&] { return unowned() == 6; }));
}

TEST_CASE("a shard's thread has a name, and stays on the processor it was given", "[shard]") {
  std::atomic<int> processors{0};
  std::atomic<bool> named{false};
  Scene scene({.cpu = 0}, [&] {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::pthread_getaffinity_np(::pthread_self(), sizeof set, &set) == 0 && CPU_ISSET(0, &set)) {
      processors = CPU_COUNT(&set);
    }
    char name[16] = {};
    named = ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0 && std::string_view(name) == "shard";
    return read_clock();
  });
  CHECK(eventually([&] {
    scene.gate->wake();
    return processors == 1 && named;
  }));
}
