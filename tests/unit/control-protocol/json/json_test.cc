#include "control-protocol/json/json.h"

#include <catch2/catch.hpp>

using namespace ng;

TEST_CASE("JSON becomes the same values as bencode", "[json]") {
  const auto decoded = decode_json(R"({"a": -7, "list": ["x", 2, {"k": "v"}], "on": true, "none": null})");
  REQUIRE(decoded);
  CHECK(*decoded == Dictionary{{"a", -7}, {"list", List{"x", 2, Dictionary{{"k", "v"}}}}, {"on", 1}, {"none", ""}});
}

TEST_CASE("what JSON writes it reads again", "[json]") {
  const Dictionary dictionary{{"text", "a\"b\\c\r\n"}, {"l", List{1, "two"}}, {"d", Dictionary{{"x", 0}}}};
  CHECK(*decode_json(encode_json(dictionary)) == dictionary);
}

TEST_CASE("JSON refuses what the protocol has no form for", "[json]") {
  const auto error = [](std::string_view text) { return decode_json(text).error(); };
  CHECK(error("[1]") == DecodeError::NotADictionary);
  CHECK(error("{\"a\":1.5}") == DecodeError::Malformed);
  CHECK(error("{\"a\":18446744073709551615}") == DecodeError::Malformed);
  CHECK(error("{\"a\":1} x") == DecodeError::Malformed);
  CHECK(error(std::string_view{"{\"a\":1}\0 x", 10}) == DecodeError::Malformed);
  CHECK(error("{\"a\":") == DecodeError::Malformed);
  CHECK(error("{\"a\":" + std::string(5000, '[')) == DecodeError::TooDeep);
}

TEST_CASE("bytes that are not UTF-8 do not stop a reply", "[json]") {
  CHECK(decode_json(encode_json({{"blob", std::string("\xff\xfe")}})));
}

TEST_CASE("the end of a JSON object is found past braces in strings", "[json]") {
  CHECK(*measure_json(R"({"a":"}\"}"}{"b")") == 12);
  CHECK(measure_json(R"({"a":"})").error() == DecodeError::Truncated);
  CHECK(measure_json("d").error() == DecodeError::NotADictionary);
}
