#include "relay/ice/check_list.h"

#include <catch2/catch.hpp>

namespace relay::ice {
namespace {

constexpr Wanted kBoth{true, true};
constexpr std::uint32_t kOurs = 500;  // priority of our only candidate

common::SocketAddress at(std::uint16_t port) { return {common::IpAddress::v4({198, 51, 100, 1}), {port}}; }

Candidate candidate(std::uint16_t port, std::uint32_t priority, const std::string& foundation = "1",
                    Component component = Component::Rtp) {
  return {foundation, component, priority, at(port), CandidateType::Host};
}

/// A list that signalling has filled.
struct Filled : CheckList {
  Filled(std::initializer_list<Candidate> candidates) {
    for (const Candidate& each : candidates) add_signalled(each, kOurs);
  }
  Pair& at_port(std::uint16_t port, Component component = Component::Rtp) {
    Pair* pair = find(component, at(port));
    REQUIRE(pair != nullptr);
    return *pair;
  }
  /// Ports in the order in which an agent checks them.
  std::vector<int> order(Wanted wanted = kBoth, bool controlling = true) {
    std::vector<int> ports;
    while (Pair* pair = next(wanted, controlling)) {
      pair->state = PairState::InProgress;
      ports.push_back(pair->remote.address.port.value);
    }
    return ports;
  }
};

}  // namespace

TEST_CASE("one pair of each foundation waits, the others are frozen", "[ice][rfc8445]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 800, "a"), candidate(3, 700, "b")};
  CHECK(list.at_port(1).state == PairState::Waiting);
  CHECK(list.at_port(2).state == PairState::Frozen);
  CHECK(list.at_port(3).state == PairState::Waiting);
  CHECK(list.active() == 2);
}

TEST_CASE("a candidate that is named twice makes one pair", "[ice][rfc8445]") {
  Filled list{candidate(1, 900), candidate(1, 800, "b")};
  CHECK(list.pairs().size() == 1);
  CHECK(list.at_port(1).remote.priority == 900);
  list.add_signalled(candidate(1, 900, "1", Component::Rtcp), kOurs);
  CHECK(list.pairs().size() == 2);
}

TEST_CASE("waiting pairs are checked before frozen ones, the best of each first", "[ice][rfc8445]") {
  Filled list{candidate(1, 300, "a"), candidate(2, 900, "a"), candidate(3, 800, "b"), candidate(4, 850, "b")};
  CHECK(list.order() == std::vector<int>{3, 1, 2, 4});
  CHECK_FALSE(list.has_work(kBoth));
}

TEST_CASE("both roles order pairs alike, by the lesser priority of the two", "[ice][rfc8445]") {
  for (const bool controlling : {true, false}) {
    Filled list{candidate(1, 600, "a"), candidate(2, 400, "b"), candidate(3, 700, "c")};
    CHECK(list.order(kBoth, controlling) == std::vector<int>{3, 1, 2});
  }
}

TEST_CASE("pairs of a component that wants no checks are left out", "[ice]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 100, "b", Component::Rtcp)};
  CHECK_FALSE(list.has_work({false, false}));
  CHECK(list.has_work({false, true}));
  CHECK(list.order({false, true}) == std::vector<int>{2});
  CHECK(list.order({true, false}) == std::vector<int>{1});
}

TEST_CASE("triggered checks come first, in their order, once each and whatever is wanted", "[ice][rfc8445]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 800, "b"), candidate(3, 700, "c")};
  list.trigger(list.at_port(3));
  list.trigger(list.at_port(2));
  list.trigger(list.at_port(3));
  CHECK(list.has_work({false, false}));
  CHECK(list.order({false, false}) == std::vector<int>{3, 2});
  list.trigger(list.at_port(3));
  CHECK(list.order() == std::vector<int>{3, 1});
}

TEST_CASE("a success thaws its foundation in both components and no other", "[ice][rfc8445]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 800, "a", Component::Rtcp), candidate(3, 700, "b"),
              candidate(4, 600, "b")};
  list.at_port(1).state = PairState::Succeeded;
  list.unfreeze_like(list.at_port(1));
  CHECK(list.at_port(2, Component::Rtcp).state == PairState::Waiting);
  CHECK(list.at_port(4).state == PairState::Frozen);
}

TEST_CASE("a candidate that trickles in waits for nobody once its foundation has succeeded or failed",
          "[ice][rfc8838]") {
  const PairState outcome = GENERATE(PairState::Succeeded, PairState::Failed);
  Filled list{candidate(1, 900, "a")};
  list.at_port(1).state = outcome;
  list.add_signalled(candidate(2, 800, "a"), kOurs);
  CHECK(list.at_port(2).state == PairState::Waiting);
  SECTION("also while another pair of it is at work") {
    list.at_port(2).state = PairState::InProgress;
    list.add_signalled(candidate(3, 700, "a"), kOurs);
    CHECK(list.at_port(3).state == (outcome == PairState::Succeeded ? PairState::Waiting : PairState::Frozen));
  }
}

TEST_CASE("a success of a later pair of its foundation is a success all the same", "[ice][rfc8838]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 800, "a")};
  list.at_port(2).state = PairState::Succeeded;
  list.add_signalled(candidate(3, 700, "a"), kOurs);
  CHECK(list.at_port(3).state == PairState::Waiting);
}

TEST_CASE("a source nobody has named becomes a peer-reflexive pair, found again by its address", "[ice][rfc8445]") {
  CheckList list;
  Pair* pair = list.find_or_add(Component::Rtp, at(9), 1234, kOurs);
  REQUIRE(pair != nullptr);
  CHECK(pair->remote.type == CandidateType::PeerReflexive);
  CHECK(pair->remote.priority == 1234);
  CHECK(pair->local_priority == kOurs);
  CHECK(pair->state == PairState::Waiting);
  CHECK(list.find_or_add(Component::Rtp, at(9), 77, kOurs) == pair);
  CHECK(pair->remote.priority == 1234);
  CHECK(list.find_or_add(Component::Rtcp, at(9), 1234, kOurs) != pair);
}

TEST_CASE("a peer-reflexive pair that signalling names later takes its type and priority and keeps its state",
          "[ice][rfc8445]") {
  CheckList list;
  Pair* pair = list.find_or_add(Component::Rtp, at(9), 1234, kOurs);
  pair->state = PairState::Succeeded;
  list.add_signalled(candidate(9, 900, "a"), kOurs);
  CHECK(list.pairs().size() == 1);
  CHECK(pair->remote == candidate(9, 900, "a"));
  CHECK(pair->state == PairState::Succeeded);
  list.add_signalled(candidate(9, 100, "b"), kOurs);
  CHECK(pair->remote.priority == 900);
}

TEST_CASE("no two peer-reflexive pairs share a foundation, also when one has been named meanwhile", "[ice][rfc8445]") {
  CheckList list;
  list.find_or_add(Component::Rtp, at(1), 1, kOurs);
  Pair* second = list.find_or_add(Component::Rtp, at(2), 1, kOurs);
  list.add_signalled(candidate(1, 900, "a"), kOurs);
  Pair* third = list.find_or_add(Component::Rtp, at(3), 1, kOurs);
  CHECK(third->remote.foundation != second->remote.foundation);
  CHECK(third->state == PairState::Waiting);
}

TEST_CASE("tables are full at 32 signalled and 16 peer-reflexive pairs, and pairs never move", "[ice]") {
  CheckList list;
  list.add_signalled(candidate(1, 900), kOurs);
  const Pair* first = list.find(Component::Rtp, at(1));
  for (std::uint16_t port = 2; port < 100; ++port) list.add_signalled(candidate(port, 900), kOurs);
  CHECK(list.pairs().size() == CheckList::kMaxSignalled);
  std::size_t learnt = 0;
  for (std::uint16_t port = 100; port < 200; ++port) {
    learnt += list.find_or_add(Component::Rtp, at(port), 1, kOurs) != nullptr;
  }
  CHECK(learnt == CheckList::kMaxPeerReflexive);
  list.add_signalled(candidate(100, 900), kOurs);
  CHECK(list.find(Component::Rtp, at(100))->remote.type == CandidateType::PeerReflexive);
  CHECK(list.find(Component::Rtp, at(1)) == first);
}

TEST_CASE("a check under way is found by its transaction", "[ice]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 800, "b")};
  list.at_port(2).check.emplace().id = {7};
  CHECK(list.find_check({7}) == &list.at_port(2));
  CHECK(list.find_check({8}) == nullptr);
  CHECK(list.find_check({}) == nullptr);
}

TEST_CASE("a settled component ends the checks of its other pairs, which could be tried again", "[ice][rfc8445]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 800, "b"), candidate(3, 700, "c"),
              candidate(4, 600, "d", Component::Rtcp)};
  for (Pair& pair : list.pairs()) {
    pair.state = PairState::InProgress;
    pair.check.emplace();
  }
  list.at_port(3).state = PairState::Succeeded;
  list.settle(list.at_port(1));
  CHECK(list.at_port(1).check);
  CHECK_FALSE(list.at_port(2).check);
  CHECK(list.at_port(2).state == PairState::Waiting);
  CHECK_FALSE(list.at_port(3).check);
  CHECK(list.at_port(3).state == PairState::Succeeded);
  CHECK(list.at_port(4, Component::Rtcp).check);
}

TEST_CASE("a dropped component has no work left, not even triggered", "[ice]") {
  Filled list{candidate(1, 900, "a"), candidate(2, 800, "b", Component::Rtcp)};
  Pair& rtcp = list.at_port(2, Component::Rtcp);
  rtcp.check.emplace();
  list.trigger(rtcp);
  list.drop(Component::Rtcp);
  CHECK(rtcp.state == PairState::Failed);
  CHECK_FALSE(rtcp.check);
  CHECK_FALSE(list.has_work({false, true}));
  CHECK(list.order() == std::vector<int>{1});
  list.trigger(rtcp);  // its port has opened again
  CHECK(list.next(kBoth, true) == &rtcp);
}

}  // namespace relay::ice
