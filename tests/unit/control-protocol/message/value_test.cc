#include "control-protocol/message/value.h"

#include <catch2/catch.hpp>

using namespace ng;
using Texts = std::vector<std::string>;

TEST_CASE("an integer may be sent as a decimal text", "[message]") {
  CHECK(Value{-7}.as_integer() == -7);
  CHECK(Value{" 42 "}.as_integer() == 42);
  for (const auto& other : {Value{""}, Value{"4 2"}, Value{"0x10"}, Value{"99999999999999999999"}, Value{List{1}}})
    CHECK_FALSE(other.as_integer());
}

TEST_CASE("a text may be sent as an integer", "[message]") {
  CHECK(Value{"abc"}.as_text() == "abc");
  CHECK(Value{7}.as_text() == "7");
  CHECK(Value{List{"abc"}}.as_text().empty());
  CHECK(Value{Dictionary{}}.as_text().empty());
}

TEST_CASE("texts come as a list or separated by commas, without what is empty or nested", "[message]") {
  CHECK(Value{List{"a", 7, "", List{"b"}, Dictionary{}}}.as_texts() == Texts{"a", "7"});
  CHECK(Value{" a,b ,, c"}.as_texts() == Texts{"a", "b", "c"});
  CHECK(Value{List{"a,b"}}.as_texts() == Texts{"a,b"});
  CHECK(Value{""}.as_texts().empty());
  CHECK(Value{Dictionary{{"a", "b"}}}.as_texts().empty());
}
