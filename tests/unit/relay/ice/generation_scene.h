#pragma once

#include <catch2/catch.hpp>

#include <optional>
#include <vector>

#include "common/base/overload.h"
#include "common/time/manual_clock.h"
#include "relay/ice/generation.h"
#include "relay/stun/message_writer.h"
#include "tests/support/ice_scene.h"

namespace relay::ice {

using namespace std::chrono_literals;
using common::SocketAddress;
using tests::address;
using tests::host;

inline const Candidate kPeer = host("198.51.100.1:1", Component::Rtp, 900);

/// One generation and what it has said; the peer is played by the test.
struct GenerationScene {
  /// A full, controlled agent with one socket that knows one candidate of its peer.
  GenerationScene() {
    plan.tie_breaker = 500;
    plan.local = {"ours", "our password of 22 char"};
    plan.remote = Credentials{"them", "their password, longer"};
    plan.local_candidates = {host("192.0.2.1:1000")};
    plan.remote_candidates = {kPeer};
  }

  Generation& start() {
    generation.emplace(plan, random, clock.now());
    take();
    return *generation;
  }

  /// Takes what has been said so far.
  void take() {
    while (auto output = generation->poll_output()) {
      std::visit(common::Overload{[&](Send& o) { sent.push_back(std::move(o)); },
                                  [&](Selected& o) { selected.push_back(o.remote); },
                                  [&](ConsentLost&) { ++consent_lost; }, [&](Failed&) { ++failed; }},
                 *output);
    }
  }
  /// Lets every timer fire that is due within `limit`.
  void run(common::Duration limit) {
    const common::Instant end = clock.now() + limit;
    for (auto next = generation->next_timeout(); next && *next <= end; next = generation->next_timeout()) {
      clock.advance_to(*next);
      generation->on_timeout(clock.now());
      take();
    }
    clock.advance_to(end);
  }
  /// What is sent within `limit`, and when.
  struct Timed {
    common::Duration after;
    Send send;
  };
  std::vector<Timed> sent_within(common::Duration limit) {
    std::vector<Timed> timed;
    const common::Instant begin = clock.now();
    sent.clear();
    for (auto next = generation->next_timeout(); next && *next <= begin + limit; next = generation->next_timeout()) {
      clock.advance_to(*next);
      generation->on_timeout(clock.now());
      take();
      for (Send& each : std::exchange(sent, {})) timed.push_back({clock.now() - begin, std::move(each)});
    }
    clock.advance_to(begin + limit);
    return timed;
  }

  /// A check of the peer.
  void check_from(const SocketAddress& source, bool nominating = false, Component component = Component::Rtp) {
    CheckFacts facts;
    facts.priority = 1;
    facts.tie_breaker = their_tie_breaker;
    facts.controlling = they_control;
    facts.nominating = nominating;
    receive(write_check(new_id(), plan.remote.value_or(Credentials{"them", "x"}), plan.local, facts), source,
            component);
  }
  void receive(const common::Bytes& request, const SocketAddress& source, Component component = Component::Rtp) {
    generation->on_request(*stun::MessageView::parse(request), component, source, clock.now());
    take();
  }
  /// Answers the check `sent`: with success, or an error. False: no check of this generation.
  bool answer(const Send& send, std::uint16_t error = 0) {
    return answer_from(send, send.remote, error, plan.remote->password);
  }
  bool answer_from(const Send& send, const SocketAddress& source, std::uint16_t error, std::string_view password) {
    const auto request = stun::MessageView::parse(send.bytes);
    const auto message_class = error == 0 ? stun::MessageClass::Success : stun::MessageClass::Error;
    stun::MessageWriter writer(message_class, stun::kBinding, request->transaction_id());
    if (error != 0) writer.error_code(error, "no");
    const common::Bytes bytes = writer.finish(password);
    const bool ours = generation->on_response(*stun::MessageView::parse(bytes), send.component, source, clock.now());
    take();
    return ours;
  }

  stun::TransactionId new_id() {
    stun::TransactionId id;
    random.fill(id);
    return id;
  }

  common::ManualClock clock;
  common::crypto::SeededRandom random{8445};
  Plan plan;
  std::optional<Generation> generation;
  bool they_control = true;
  std::uint64_t their_tie_breaker = 1;

  std::vector<Send> sent;
  std::vector<SocketAddress> selected;
  unsigned consent_lost = 0;
  unsigned failed = 0;
};

/// A message that was sent. Borrows its bytes.
inline stun::MessageView view_of(const Send& send) { return *stun::MessageView::parse(send.bytes); }
inline bool is_check(const Send& send) { return view_of(send).message_class() == stun::MessageClass::Request; }
inline std::uint16_t error_of(const Send& send) {
  const stun::MessageView view = view_of(send);
  return view.error_code() ? view.error_code()->code : std::uint16_t{0};
}

}  // namespace relay::ice
