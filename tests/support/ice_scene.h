#pragma once

#include <functional>
#include <map>
#include <vector>

#include "common/base/overload.h"
#include "common/time/manual_clock.h"
#include "relay/ice/candidate_text.h"
#include "relay/ice/ice_agent.h"
#include "tests/support/lossy_link.h"

namespace tests {

namespace ice = relay::ice;

inline common::SocketAddress address(const char* text) { return common::SocketAddress::parse(text).value(); }

inline ice::Candidate host(const char* text, ice::Component component = ice::Component::Rtp,
                           std::uint16_t preference = 65535, const char* foundation = "1") {
  return {foundation, component, ice::candidate_priority(ice::CandidateType::Host, preference, component),
          address(text), ice::CandidateType::Host};
}

/// One agent, its sockets (local address by component) and what it has said.
struct IceSide {
  ice::Plan plan;
  std::map<ice::Component, common::SocketAddress> sockets;
  std::optional<ice::IceAgent> agent;
  std::vector<ice::Selected> selected;
  unsigned consent_lost = 0;
  unsigned failed = 0;
  unsigned sent = 0;

  std::optional<common::SocketAddress> media(ice::Component component = ice::Component::Rtp) const {
    return agent->selected(component);
  }
};

/// Two agents and the network between them, on one clock. Plans are filled in first, then start() exchanges them.
class IceScene {
 public:
  explicit IceScene(Impairment impairment = {.delay = std::chrono::milliseconds{10}}, std::uint64_t seed = 1)
      : random_(seed), link_(seed + 1000, impairment) {
    a.plan.controlling = true;
    a.plan.tie_breaker = 100;
    b.plan.tie_breaker = 50;
    a.plan.local = {"aaaa", "aaaaaaaaaaaaaaaaaaaaaa"};
    b.plan.local = {"bbbb", "bbbbbbbbbbbbbbbbbbbbbb"};
    open(a, host("192.0.2.1:1000"));
    open(b, host("192.0.2.2:2000"));
  }

  static void open(IceSide& side, const ice::Candidate& candidate) {
    side.plan.local_candidates.push_back(candidate);
    side.sockets[candidate.component] = candidate.address;
  }

  /// What offer and answer do: `to` learns the credentials and candidates of `from`.
  static void tell(const IceSide& from, IceSide& to) {
    to.plan.remote = from.plan.local;
    to.plan.remote_lite = from.plan.lite;
    to.plan.remote_candidates = from.plan.local_candidates;
  }

  void make(IceSide& side) { side.agent.emplace(side.plan, random_, clock.now()); }
  void start() {
    tell(a, b);
    tell(b, a);
    make(a);
    make(b);
  }
  void update(IceSide& side) { side.agent->update(side.plan, clock.now()); }

  void run(common::Duration limit) {
    const common::Instant end = clock.now() + limit;
    for (int step = 0; step < 100'000; ++step) {
      drain(a, b);
      drain(b, a);
      auto next = link_.next_arrival();
      for (const IceSide* side : {&a, &b}) {
        const auto timeout = side->agent ? side->agent->next_timeout() : std::nullopt;
        if (timeout && (!next || *timeout < *next)) next = timeout;
      }
      if (!next || *next > end) break;
      clock.advance_to(*next);
      deliver();
      for (IceSide* side : {&a, &b}) {
        const auto timeout = side->agent ? side->agent->next_timeout() : std::nullopt;
        if (timeout && *timeout <= clock.now()) side->agent->on_timeout(clock.now());
      }
    }
    clock.advance_to(end);
  }

  void set(Impairment impairment) { link_.set(impairment); }

  common::ManualClock clock;
  IceSide a;
  IceSide b;
  /// What stands between the two: may change the source a datagram seems to come from, or (nullopt) drop it.
  std::function<std::optional<common::SocketAddress>(const common::SocketAddress& from,
                                                     const common::SocketAddress& to)>
      translate = [](const auto& from, const auto&) { return std::optional(from); };
  /// Where a translated address leads back to.
  std::map<common::SocketAddress, common::SocketAddress> mappings;

 private:
  struct Route {
    common::SocketAddress from;
    common::SocketAddress to;
  };

  void drain(IceSide& side, IceSide&) {
    while (side.agent) {
      auto output = side.agent->poll_output();
      if (!output) return;
      std::visit(
          common::Overload{[&](ice::Send& o) {
                             ++side.sent;
                             const auto from = translate(side.sockets.at(o.component), o.remote);
                             if (from) link_.send({*from, o.remote}, std::move(o.bytes), clock.now());
                           },
                           [&](ice::Selected& o) { side.selected.push_back(o); },
                           [&](ice::ConsentLost&) { ++side.consent_lost; }, [&](ice::Failed&) { ++side.failed; }},
          *output);
    }
  }

  void deliver() {
    while (auto delivery = link_.receive(clock.now())) {
      const auto mapped = mappings.find(delivery->label.to);
      const auto to = mapped == mappings.end() ? delivery->label.to : mapped->second;
      for (IceSide* side : {&a, &b}) {
        for (const auto& [component, socket] : side->sockets) {
          if (socket != to || !side->agent) continue;
          side->agent->on_datagram(delivery->bytes, component, delivery->label.from, clock.now());
        }
      }
    }
  }

  common::crypto::SeededRandom random_;
  LossyLink<Route> link_;
};

}  // namespace tests
