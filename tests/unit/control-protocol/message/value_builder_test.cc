#include "control-protocol/message/value_builder.h"

#include <catch2/catch.hpp>

using namespace ng;

namespace {

ValueBuilder builder_of(Limits limits = {}) { return ValueBuilder{limits}; }

}  // namespace

TEST_CASE("keys and values nest into one dictionary", "[message]") {
  ValueBuilder builder = builder_of();
  CHECK(builder.begin(Dictionary{}));
  CHECK(builder.key("list"));
  CHECK(builder.begin(List{}));
  CHECK(builder.value(1));
  CHECK(builder.begin(Dictionary{}));
  CHECK(builder.key("k"));
  CHECK(builder.value("v"));
  CHECK(builder.end());
  CHECK(builder.end());
  CHECK_FALSE(builder.complete());
  CHECK(builder.end());
  REQUIRE(builder.complete());
  CHECK_FALSE(builder.error());
  CHECK(builder.take() == Dictionary{{"list", List{1, Dictionary{{"k", "v"}}}}});
}

TEST_CASE("of a key that comes twice the last value counts", "[message]") {
  ValueBuilder builder = builder_of();
  builder.begin(Dictionary{});
  for (const int value : {1, 2}) {
    CHECK(builder.key("k"));
    CHECK(builder.value(value));
  }
  CHECK(builder.end());
  CHECK(builder.take() == Dictionary{{"k", 2}});
}

TEST_CASE("a message that is no dictionary is refused", "[message]") {
  ValueBuilder list = builder_of();
  CHECK_FALSE(list.begin(List{}));
  CHECK(list.error() == DecodeError::NotADictionary);
  ValueBuilder number = builder_of();
  CHECK_FALSE(number.value(1));
  CHECK(number.error() == DecodeError::NotADictionary);
}

TEST_CASE("keys and values stand in turn", "[message]") {
  ValueBuilder builder = builder_of();
  CHECK(builder.begin(Dictionary{}));
  SECTION("a value without a key") { CHECK_FALSE(builder.value(1)); }
  SECTION("a container without a key") { CHECK_FALSE(builder.begin(List{})); }
  SECTION("a key without a value") {
    CHECK(builder.key("k"));
    CHECK_FALSE(builder.end());
  }
  SECTION("two keys") {
    CHECK(builder.key("k"));
    CHECK_FALSE(builder.key("l"));
  }
  SECTION("more ends than beginnings") {
    CHECK(builder.end());
    CHECK_FALSE(builder.end());
  }
  CHECK(builder.error() == DecodeError::Malformed);
}

TEST_CASE("depth and number of values are bounded, to the last one allowed", "[message]") {
  ValueBuilder deep = builder_of({.depth = 3});
  CHECK(deep.begin(Dictionary{}));
  CHECK(deep.key("k"));
  CHECK(deep.begin(List{}));
  CHECK(deep.begin(List{}));
  CHECK_FALSE(deep.begin(List{}));
  CHECK(deep.error() == DecodeError::TooDeep);
  ValueBuilder wide = builder_of({.values = 2});
  CHECK(wide.begin(Dictionary{}));
  CHECK(wide.key("k"));
  CHECK(wide.begin(List{}));
  CHECK(wide.value(1));
  CHECK(wide.value(2));
  CHECK_FALSE(wide.value(3));
  CHECK(wide.error() == DecodeError::TooLarge);
}

TEST_CASE("the first reason for a refusal is the one that is told", "[message]") {
  ValueBuilder builder = builder_of();
  CHECK_FALSE(builder.fail(DecodeError::Truncated));
  CHECK_FALSE(builder.fail(DecodeError::TooDeep));
  CHECK(builder.error() == DecodeError::Truncated);
}
