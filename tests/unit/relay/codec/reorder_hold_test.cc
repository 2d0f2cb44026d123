#include "relay/codec/reorder_hold.h"

#include <catch2/catch.hpp>

#include <vector>

#include "common/time/manual_clock.h"

using namespace relay::codec;
using Insertion = ReorderHold::Insertion;
using Sequences = std::initializer_list<std::uint16_t>;
using common::Bytes;

namespace {

Insertion insert(ReorderHold& hold, std::uint16_t sequence) {
  return hold.insert(sequence, sequence * 160u, true, Bytes{static_cast<std::uint8_t>(sequence)}, {});
}

std::vector<int> emptied(ReorderHold& hold) {
  std::vector<int> order;
  while (const HeldPacket* packet = hold.front()) {
    CHECK(packet->timestamp == packet->sequence * 160u);
    CHECK(packet->payload().front() == static_cast<std::uint8_t>(packet->sequence));
    order.push_back(packet->sequence);
    hold.pop_front();
  }
  return order;
}

}  // namespace

TEST_CASE("packets leave the hold by their sequence numbers, whatever order they came in", "[codec]") {
  ReorderHold hold;
  for (const std::uint16_t sequence : Sequences{12, 10, 13, 11}) CHECK(insert(hold, sequence) == Insertion::Held);
  CHECK(hold.size() == 4);
  CHECK(emptied(hold) == std::vector<int>{10, 11, 12, 13});
  CHECK(hold.size() == 0);
}

TEST_CASE("the order goes on over the wrap of sequence numbers", "[codec]") {
  ReorderHold hold;
  for (const std::uint16_t sequence : Sequences{1, 65535, 0, 65534}) insert(hold, sequence);
  CHECK(emptied(hold) == std::vector<int>{65534, 65535, 0, 1});
}

TEST_CASE("a packet that is there already is a duplicate, also when there is no room", "[codec]") {
  ReorderHold hold;
  insert(hold, 10);
  insert(hold, 11);
  CHECK(insert(hold, 10) == Insertion::Duplicate);
  insert(hold, 12);
  insert(hold, 13);
  CHECK(insert(hold, 11) == Insertion::Duplicate);
  CHECK(hold.size() == 4);
}

TEST_CASE("the fifth packet finds no room and disturbs nothing", "[codec]") {
  ReorderHold hold;
  for (const std::uint16_t sequence : Sequences{10, 11, 12, 13}) insert(hold, sequence);
  CHECK(insert(hold, 14) == Insertion::Full);
  CHECK(insert(hold, 9) == Insertion::Full);
  CHECK(emptied(hold) == std::vector<int>{10, 11, 12, 13});
}

TEST_CASE("room that is given back is used again for any number of packets", "[codec]") {
  ReorderHold hold;
  std::vector<int> order;
  for (std::uint16_t sequence = 0; sequence < 100; sequence = static_cast<std::uint16_t>(sequence + 2)) {
    insert(hold, static_cast<std::uint16_t>(sequence + 1));
    insert(hold, sequence);
    for (int i = 0; i < 2; ++i) {
      order.push_back(hold.front()->sequence);
      hold.pop_front();
    }
  }
  std::vector<int> expected;
  for (int i = 0; i < 100; ++i) expected.push_back(i);
  CHECK(order == expected);
}

TEST_CASE("what is held is a copy, with the time it came and whether it is sound", "[codec]") {
  common::ManualClock clock;
  ReorderHold hold;
  Bytes payload(1500, 7);
  hold.insert(10, 1600, true, payload, clock.now());
  hold.insert(11, 1600, false, {}, clock.now() + std::chrono::milliseconds{5});
  payload.assign(1500, 0);
  CHECK(hold.front()->audio);
  CHECK(hold.front()->arrived == clock.now());
  const auto held = hold.front()->payload();
  CHECK(Bytes(held.begin(), held.end()) == Bytes(1500, 7));
  hold.pop_front();
  CHECK_FALSE(hold.front()->audio);
  CHECK(hold.front()->payload().empty());
  CHECK(hold.front()->arrived == clock.now() + std::chrono::milliseconds{5});
}

TEST_CASE("a cleared hold is empty and takes packets of another stream", "[codec]") {
  ReorderHold hold;
  insert(hold, 10);
  insert(hold, 11);
  hold.clear();
  CHECK(hold.front() == nullptr);
  insert(hold, 5);
  insert(hold, 4);
  CHECK(emptied(hold) == std::vector<int>{4, 5});
}
