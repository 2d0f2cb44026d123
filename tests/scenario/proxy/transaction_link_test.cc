#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/time/manual_clock.h"
#include "tests/support/lossy_link.h"
#include "tests/support/sip_messages.h"
#include "tests/support/table_probe.h"

// Two transaction tables joined by a link that loses, repeats and reorders: a caller's clients, a callee's servers.
using namespace proxy::transaction;
using namespace std::chrono_literals;
using proxy::sip::Message;

namespace {

enum class Side : std::uint8_t { Caller, Callee };

class Scene {
 public:
  Scene(std::uint64_t seed, tests::Impairment impairment) : link_(seed, impairment) {}

  void call(std::string_view method, int index) {
    const auto request = tests::sip_request(method, "z9hG4bK" + std::to_string(index));
    REQUIRE(caller_.send_request(request, tests::udp_destination(), clock_.now()));
    settle();
  }

  /// Until both tables have forgotten everything; false: that took longer than `limit`.
  bool run(common::Duration limit) {
    const common::Instant end = clock_.now() + limit;
    while (const auto next = next_event()) {
      if (*next > end) return false;
      clock_.advance_to(*next);
      while (auto delivery = link_.receive(clock_.now())) arrive(delivery->label, delivery->bytes);
      caller_.on_timeout(clock_.now());
      callee_.on_timeout(clock_.now());
      settle();
    }
    return true;
  }

  int asked = 0;                 // requests the callee's core saw
  std::map<int, int> responses;  // status to count, as the caller's core saw them
  int timeouts = 0;              // of client transactions
  int final_status = 200;        // what the callee answers
  std::size_t left() const { return caller_.clients() + callee_.servers(); }

 private:
  Timer next_event() const {
    return earliest(earliest(caller_.next_timeout(), callee_.next_timeout()), link_.next_arrival());
  }

  void arrive(Side to, const common::Bytes& bytes) {
    auto message = Message::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    REQUIRE(message);
    if (to == Side::Callee) {
      callee_.on_request(std::move(*message), tests::udp_flow(), clock_.now());
    } else {
      caller_.on_response(std::move(*message), tests::udp_flow(), clock_.now());
    }
    settle();
  }

  void settle() {
    const auto said = tests::drain(caller_);
    for (const auto& transmit : said.transmits) send(Side::Callee, transmit.bytes);
    for (const auto& response : said.responses) ++responses[response.response.status()];
    for (const auto& ended : said.ended) timeouts += ended.why == Ended::Why::Timeout ? 1 : 0;
    settle_callee();
  }

  void settle_callee() {
    auto said = tests::drain(callee_);
    for (const auto& request : said.requests) {
      ++asked;
      callee_.respond(request.id, tests::sip_response(request.request, final_status), clock_.now());
    }
    for (const auto& transmit : said.transmits) send(Side::Caller, transmit.bytes);
    if (!said.requests.empty()) settle_callee();
  }

  void send(Side to, const std::string& bytes) {
    link_.send(to, common::Bytes(bytes.begin(), bytes.end()), clock_.now());
  }

  common::ManualClock clock_;
  tests::LossyLink<Side> link_;
  Table caller_;
  Table callee_;
};

constexpr int kCalls = 50;
constexpr tests::Impairment kBadLink{.loss_percent = 20, .duplicate_percent = 10, .delay = 20ms, .jitter = 400ms};

}  // namespace

TEST_CASE("over a bad link every BYE is seen once and answered once", "[scenario][transaction]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Scene scene{seed, kBadLink};
    for (int i = 0; i < kCalls; ++i) scene.call("BYE", i);
    REQUIRE(scene.run(300s));
    CHECK(scene.asked == kCalls);
    CHECK(scene.responses[200] == kCalls);
    CHECK(scene.timeouts == 0);
    CHECK(scene.left() == 0);
  }
}

TEST_CASE("over a bad link every refused INVITE rings once and is refused once", "[scenario][transaction]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Scene scene{seed, kBadLink};
    scene.final_status = 486;
    for (int i = 0; i < kCalls; ++i) scene.call("INVITE", i);
    REQUIRE(scene.run(300s));
    CHECK(scene.asked == kCalls);
    CHECK(scene.responses[486] == kCalls);
    CHECK(scene.timeouts == 0);
    CHECK(scene.left() == 0);
  }
}

TEST_CASE("over a dead link every transaction times out and nothing is left", "[scenario][transaction]") {
  Scene scene{7, {.loss_percent = 100}};
  for (int i = 0; i < kCalls; ++i) scene.call(i % 2 == 0 ? "INVITE" : "INFO", i);
  REQUIRE(scene.run(33s));
  CHECK(scene.asked == 0);
  CHECK(scene.timeouts == kCalls);
  CHECK(scene.left() == 0);
}
