#include "common/redis/reader.h"

#include <catch2/catch.hpp>
#include <string>

using common::redis::Error;
using common::redis::Nil;
using common::redis::Reader;
using common::redis::Reply;

namespace {

constexpr std::size_t kLimit = 1024;

std::optional<Reply> read(std::string_view bytes) {
  Reader reader{kLimit};
  reader.feed(bytes);
  auto reply = reader.next();
  REQUIRE(reply);
  return *reply;
}

}  // namespace

TEST_CASE("every kind of reply is read", "[redis]") {
  CHECK(read("+OK\r\n") == Reply{std::string{"OK"}});
  CHECK(read("$5\r\na\r\nbc\r\n") == Reply{std::string{"a\r\nbc"}});
  CHECK(read(":-7\r\n") == Reply{std::int64_t{-7}});
  CHECK(read("$-1\r\n") == Reply{Nil{}});
  CHECK(read("*-1\r\n") == Reply{Nil{}});
  CHECK(read("-ERR no such thing\r\n") == Reply{Error{"ERR no such thing"}});
  CHECK(read("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n") ==
        Reply{Reply::Array{{std::int64_t{1}}, {Reply::Array{{std::string{"x"}}}}}});
}

TEST_CASE("a reply may come in any pieces, and several at once", "[redis]") {
  const std::string bytes = "*2\r\n$3\r\nabc\r\n:42\r\n+OK\r\n";
  Reader reader{kLimit};
  std::vector<Reply> replies;
  for (const char byte : bytes) {
    reader.feed({&byte, 1});
    auto reply = reader.next();
    REQUIRE(reply);
    if (*reply) replies.push_back(**reply);
  }
  REQUIRE(replies.size() == 2);
  CHECK((*replies[0].array())[1].integer() == 42);
  CHECK(*replies[1].text() == "OK");
}

TEST_CASE("what is no reply is refused, and so is one without an end", "[redis]") {
  Reader html{kLimit};
  html.feed("HTTP/1.1 400 Bad Request\r\n\r\n");
  CHECK(html.next().error() == Reader::Failure::Malformed);

  Reader endless{kLimit};
  endless.feed("$100000\r\n" + std::string(kLimit + 100, 'x'));
  CHECK(endless.next().error() == Reader::Failure::TooLarge);
}

TEST_CASE("a whole reply may be larger than what is allowed to wait", "[redis]") {
  Reader reader{16};
  reader.feed("$100\r\n" + std::string(100, 'x') + "\r\n");
  const auto reply = reader.next();
  REQUIRE(reply);
  CHECK((*reply)->text()->size() == 100);
}
