#include "common/stream/write_queue.h"

#include <catch2/catch.hpp>

using namespace common::stream;

namespace {

std::string_view front(const WriteQueue& queue) { return common::as_text(queue.front()); }
using Keys = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("what was queued comes out in order, whatever pieces the socket takes", "[transport]") {
  WriteQueue queue;
  CHECK(queue.empty());
  queue.push("hello", 1);
  queue.push("world", 2);
  CHECK(queue.size() == 10);
  CHECK(front(queue) == "hello");
  queue.written(2);
  CHECK(front(queue) == "llo");
  CHECK(queue.size() == 8);
  queue.written(3);
  CHECK(front(queue) == "world");
  queue.written(5);
  CHECK(queue.empty());
  CHECK(queue.size() == 0);
}

TEST_CASE("a socket that took nothing changes nothing", "[transport]") {
  WriteQueue queue;
  queue.push("hello", 1);
  queue.written(0);
  CHECK(front(queue) == "hello");
  CHECK(queue.size() == 5);
}

TEST_CASE("nothing is not queued", "[transport]") {
  WriteQueue queue;
  queue.push("", 1);
  CHECK(queue.empty());
  CHECK(queue.abandon().empty());
}

TEST_CASE("of an abandoned queue every message is told that was not wholly written and that somebody asks for",
          "[transport]") {
  WriteQueue queue;
  for (const std::uint64_t key : {1, 2, 0, 3}) queue.push("four", key);
  queue.written(4);
  queue.written(2);
  CHECK(queue.abandon() == Keys{2, 3});
  CHECK(queue.empty());
  CHECK(queue.size() == 0);
  queue.push("whole", 4);
  CHECK(front(queue) == "whole");
}
