#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "tests/support/core_scene.h"
#include "tests/support/lossy_link.h"
#include "tests/support/table_probe.h"

// A whole proxy in memory between a trunk that calls and a phone that answers, over links that lose, repeat and
// reorder.
using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;
using proxy::transaction::Table;
using proxy::transaction::Timer;

namespace {

constexpr auto kTrunk = "203.0.113.5:5060";
constexpr auto kPhone = "192.0.2.77:5060";

enum class Way : std::uint8_t { TrunkToProxy, PhoneToProxy, ProxyToTrunk, ProxyToPhone };
using Link = LossyLink<Way>;
/// What an end does later, by time.
using Agenda = std::multimap<common::Instant, std::function<void(common::Instant)>>;

common::Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// One end of the calls: its transactions and what it means to do.
class End {
 public:
  End(Link& link, Way out) : link_(link), out_(out) {}
  virtual ~End() = default;

  void receive(Message message, common::Instant now) {
    if (message.is_request()) {
      table_.on_request(std::move(message), udp_flow(), now);
    } else {
      table_.on_response(std::move(message), udp_flow(), now);
    }
    settle(now);
  }

  void on_timeout(common::Instant now) {
    table_.on_timeout(now);
    settle(now);
    while (!agenda_.empty() && agenda_.begin()->first <= now) {
      auto node = agenda_.extract(agenda_.begin());
      node.mapped()(now);
      settle(now);
    }
  }

  Timer next_timeout() const {
    const Timer planned = agenda_.empty() ? Timer{} : Timer{agenda_.begin()->first};
    return proxy::transaction::earliest(table_.next_timeout(), planned);
  }

  std::size_t left() const { return table_.clients() + table_.servers(); }

 protected:
  virtual void on(proxy::transaction::event::Request&, common::Instant) {}
  virtual void on(proxy::transaction::event::Response&, common::Instant) {}
  virtual void on(proxy::transaction::event::Ack&) {}

  void send(const std::string& bytes, common::Instant now) { link_.send(out_, bytes_of(bytes), now); }
  void settle(common::Instant now) {
    for (TableSaid said = drain(table_);; said = drain(table_)) {
      for (auto& transmit : said.transmits) send(transmit.bytes, now);
      for (auto& request : said.requests) on(request, now);
      for (auto& response : said.responses) on(response, now);
      for (auto& ack : said.acks) on(ack);
      if (said.requests.empty() && said.responses.empty()) return;
    }
  }

  Table table_;
  Agenda agenda_;

 private:
  Link& link_;
  Way out_;
};

/// Calls, acknowledges every 2xx, hangs up three seconds after the first.
class Trunk final : public End {
 public:
  explicit Trunk(Link& link) : End(link, Way::TrunkToProxy) {}

  void call(int number, common::Instant now) {
    Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
    request.set("Call-ID", "call-" + std::to_string(number));
    REQUIRE(table_.send_request(request, udp_destination(), now));
    settle(now);
  }

  std::map<std::string, int> answered;  // by Call-ID
  int ended = 0;                        // BYE answered with 200
  int failed = 0;

 private:
  void on(proxy::transaction::event::Response& event, common::Instant now) override {
    const Message& response = event.response;
    if (response.status() < 200) return;
    if (response.status() >= 300) {
      ++failed;
    } else if (response.cseq()->method == "BYE") {
      ++ended;
    } else {
      send(from_caller("ACK", response, 7).to_string(), now);
      if (++answered[std::string{response.call_id()}] > 1) return;
      agenda_.emplace(now + 3s, [this, bye = from_caller("BYE", response, 8)](common::Instant later) {
        REQUIRE(table_.send_request(bye, udp_destination(), later));
      });
    }
  }
};

/// Rings, answers a second later, and repeats its 2xx until the ACK is there (RFC 3261 §13.3.1.4).
class Phone final : public End {
 public:
  explicit Phone(Link& link) : End(link, Way::PhoneToProxy) {}

  std::map<std::string, int> rung;  // by Call-ID
  std::set<std::string> acknowledged;
  std::map<std::string, int> hung_up;

 private:
  void on(proxy::transaction::event::Request& event, common::Instant now) override {
    const std::string call{event.request.call_id()};
    if (event.request.is("BYE")) {
      ++hung_up[call];
      return table_.respond(event.id, answer(event.request, 200, "phone"), now);
    }
    ++rung[call];
    table_.respond(event.id, answer(event.request, 180, "phone"), now);
    const Message ok = answer(event.request, 200, "phone", "sip:bob@192.0.2.77", "v=0\r\n");
    plan(call, event.id, ok, now + 1s, 500ms);
  }

  void plan(const std::string& call, proxy::transaction::TransactionId id, const Message& ok, common::Instant at,
            common::Duration pause) {
    agenda_.emplace(at, [this, call, id, ok, pause](common::Instant now) {
      if (acknowledged.contains(call)) return;
      table_.respond(id, ok, now);
      if (pause < 32s) plan(call, id, ok, now + std::min<common::Duration>(pause, 4s), 2 * pause);
    });
  }

  void on(proxy::transaction::event::Ack& event) override { acknowledged.insert(std::string{event.ack.call_id()}); }
};

class Scene {
 public:
  Scene(std::uint64_t seed, Impairment impairment) : link_(seed, impairment), trunk(link_), phone(link_) {
    proxy.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp(kPhone));
  }

  /// Until nothing moves any more; false: that took longer than `limit`.
  bool run(common::Duration limit) {
    const common::Instant end = proxy.now() + limit;
    take_sent();
    while (const auto next = next_event()) {
      if (*next > end) return false;
      proxy.advance(*next - proxy.now());
      take_sent();
      while (auto delivery = link_.receive(proxy.now())) arrive(delivery->label, delivery->bytes);
      trunk.on_timeout(proxy.now());
      phone.on_timeout(proxy.now());
    }
    return true;
  }

  std::map<std::string, int> asked(ng::Command command) const {
    std::map<std::string, int> calls;
    for (const auto& one : proxy.relays.asked) {
      if (one.request.command == command) ++calls[one.request.call_id];
    }
    return calls;
  }

 private:
  Link link_;

 public:
  CoreScene proxy;
  Trunk trunk;
  Phone phone;

 private:
  Timer next_event() const {
    using proxy::transaction::earliest;
    return earliest(earliest(proxy.next_timeout(), link_.next_arrival()),
                    earliest(trunk.next_timeout(), phone.next_timeout()));
  }

  void arrive(Way way, const common::Bytes& bytes) {
    auto message = Message::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    REQUIRE(message);
    switch (way) {
      case Way::TrunkToProxy:
        proxy.receive(CoreScene::udp(kTrunk), *message);
        return take_sent();
      case Way::PhoneToProxy:
        proxy.receive(CoreScene::udp(kPhone), *message);
        return take_sent();
      case Way::ProxyToTrunk:
        return trunk.receive(std::move(*message), proxy.now());
      case Way::ProxyToPhone:
        return phone.receive(std::move(*message), proxy.now());
    }
  }

  void take_sent() {
    for (; !proxy.sender.sent.empty(); proxy.sender.sent.pop_front()) {
      const Sent& sent = proxy.sender.sent.front();
      const Way way = sent.to == kTrunk ? Way::ProxyToTrunk : Way::ProxyToPhone;
      link_.send(way, bytes_of(sent.message.to_string()), proxy.now());
    }
  }
};

constexpr int kCalls = 40;
constexpr Impairment kBadLink{.loss_percent = 10, .duplicate_percent = 10, .delay = 20ms, .jitter = 400ms};

bool all_once(const std::map<std::string, int>& calls) {
  return calls.size() == kCalls && std::ranges::all_of(calls, [](const auto& call) { return call.second == 1; });
}

}  // namespace

TEST_CASE("over bad links every call rings once, is answered, acknowledged and ended once, with one offer to the relay",
          "[scenario][core]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    Scene scene{seed, kBadLink};
    for (int number = 0; number < kCalls; ++number) scene.trunk.call(number, scene.proxy.now());
    REQUIRE(scene.run(300s));
    CHECK(all_once(scene.phone.rung));
    CHECK(scene.trunk.answered.size() == kCalls);
    CHECK(scene.phone.acknowledged.size() == kCalls);
    CHECK(all_once(scene.phone.hung_up));
    CHECK(scene.trunk.ended == kCalls);
    CHECK(scene.trunk.failed == 0);
    CHECK(all_once(scene.asked(ng::Command::Offer)));
    CHECK(all_once(scene.asked(ng::Command::Delete)));
    CHECK(scene.proxy.core().forwardings() == 0);
    CHECK(scene.trunk.left() + scene.phone.left() == 0);
  }
}

TEST_CASE("a phone that is cut off costs its caller a failure and the proxy nothing", "[scenario][core]") {
  Scene scene{9, {.loss_percent = 100}};
  scene.proxy.receive(CoreScene::udp(kTrunk), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  REQUIRE(scene.run(120s));
  CHECK(scene.phone.rung.empty());
  CHECK(scene.proxy.core().forwardings() == 0);
  CHECK(scene.proxy.relays.commands() == std::vector{ng::Command::Offer, ng::Command::Delete});
}
