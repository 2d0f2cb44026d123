#include "relay/codec/event_mapper.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace relay::codec;

namespace {

const Format kEvent8k{.payload_type = 101, .kind = Kind::TelephoneEvent, .clock_rate = 8000};
const Format kEvent48k{.payload_type = 110, .kind = Kind::TelephoneEvent, .clock_rate = 48000};

struct Out {
  std::uint32_t timestamp;
  bool marker;
  TelephoneEvent event;
};

struct Bench {
  explicit Bench(const Format& from, const Format& to) : mapper(from, to) {}
  std::vector<Out> feed(std::uint32_t timestamp, std::uint32_t output_timestamp, const TelephoneEvent& event) {
    const auto payload = write_event(event);
    mapper.on_packet({timestamp, output_timestamp, payload});
    std::vector<Out> out;
    while (const auto mapped = mapper.poll_output()) {
      payload_type = mapped->payload_type;
      out.push_back({mapped->timestamp, mapped->marker, *parse_event(mapped->payload)});
    }
    return out;
  }
  EventMapper mapper;
  int payload_type = -1;
};

}  // namespace

TEST_CASE("a browser's digit reaches a trunk at 8000 Hz with all its packets and three ends", "[codec][rfc4733]") {
  Bench bench(kEvent48k, kEvent8k);
  std::vector<Out> all;
  for (std::uint16_t duration = 960; duration <= 4800; duration = static_cast<std::uint16_t>(duration + 960)) {
    for (const Out& out : bench.feed(480000, 7000, {5, false, 10, duration})) all.push_back(out);
  }
  for (int i = 0; i < 3; ++i) {
    for (const Out& out : bench.feed(480000, 7000, {5, true, 10, 5760})) all.push_back(out);
  }
  REQUIRE(all.size() == 8);
  CHECK(bench.payload_type == 101);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].timestamp == 7000);
    CHECK(all[i].marker == (i == 0));
    CHECK(all[i].event.end == (i >= 5));
    CHECK(all[i].event.event == 5);
    CHECK(all[i].event.volume == 10);
    CHECK(all[i].event.duration == 160 * std::min<std::size_t>(i + 1, 6));
  }
}

TEST_CASE("an event that grows past 65535 output ticks goes on in a new segment", "[codec][rfc4733]") {
  Bench bench(kEvent8k, kEvent48k);
  CHECK(bench.feed(0, 1000, {1, false, 0, 10880}).size() == 1);  // 65280 ticks
  const auto split = bench.feed(0, 1000, {1, false, 0, 11040});  // 66240 ticks
  REQUIRE(split.size() == 2);
  CHECK(split[0].timestamp == 1000);
  CHECK(split[0].event == TelephoneEvent{1, false, 0, 65535});
  CHECK(split[1].timestamp == 1000 + 65535);
  CHECK_FALSE(split[1].marker);
  CHECK(split[1].event == TelephoneEvent{1, false, 0, 66240 - 65535});
  for (int i = 0; i < 3; ++i) {
    const auto end = bench.feed(0, 1000, {1, true, 0, 11200});
    REQUIRE(end.size() == 1);
    CHECK(end[0].timestamp == 1000 + 65535);
    CHECK(end[0].event == TelephoneEvent{1, true, 0, 67200 - 65535});
  }
}

TEST_CASE("segments of the input become one event again where the output has room", "[codec][rfc4733]") {
  Bench bench(kEvent48k, kEvent8k);
  bench.feed(0, 0, {9, false, 0, 65535});
  const auto next = bench.feed(65535, 10922, {9, false, 0, 9600});
  REQUIRE(next.size() == 1);
  CHECK(next[0].timestamp == 0);
  CHECK(next[0].event.duration == (65535 + 9600) / 6);
}

TEST_CASE("a digit whose ends are lost is over when the next begins, and the same digit twice is two",
          "[codec][rfc4733]") {
  Bench bench(kEvent8k, kEvent8k);
  bench.feed(1000, 1000, {7, false, 0, 160});
  const auto second = bench.feed(3000, 3000, {7, false, 0, 160});
  REQUIRE(second.size() == 1);
  CHECK(second[0].marker);
  CHECK(second[0].timestamp == 3000);
  const auto end = bench.feed(3000, 3000, {7, true, 0, 800});
  REQUIRE(end.size() == 1);
  CHECK(end[0].event == TelephoneEvent{7, true, 0, 800});
}

TEST_CASE("late updates, packets of past events and short payloads are dropped", "[codec][rfc4733]") {
  Bench bench(kEvent8k, kEvent8k);
  bench.feed(1000, 1000, {7, false, 0, 320});
  CHECK(bench.feed(1000, 1000, {7, false, 0, 160}).empty());
  bench.feed(1000, 1000, {7, true, 0, 480});
  CHECK(bench.feed(1000, 1000, {7, false, 0, 480}).empty());
  CHECK(bench.feed(500, 500, {3, true, 0, 480}).empty());
  const std::uint8_t short_payload[3] = {};
  bench.mapper.on_packet({2000, 2000, short_payload});
  CHECK_FALSE(bench.mapper.poll_output());
}
