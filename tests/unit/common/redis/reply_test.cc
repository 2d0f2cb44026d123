#include "common/redis/reply.h"

#include <catch2/catch.hpp>

using common::redis::Error;
using common::redis::Nil;
using common::redis::Reply;

TEST_CASE("a number may come as a number or as text", "[redis]") {
  CHECK(Reply{std::int64_t{5}}.integer() == 5);
  CHECK(Reply{std::string{"-12"}}.integer() == -12);
  CHECK(Reply{std::string{"12 apples"}}.integer() == std::nullopt);
  CHECK(Reply{Nil{}}.integer() == std::nullopt);
}

TEST_CASE("the code of an error is its first word", "[redis]") {
  CHECK(Error{"READONLY You can't write against a read only replica."}.code() == "READONLY");
  CHECK(Error{"ERR"}.code() == "ERR");
}
