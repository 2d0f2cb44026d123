#include "control-protocol/bencode/bencode.h"

#include <catch2/catch.hpp>

using namespace ng;

TEST_CASE("bencode reads integers, strings, lists and dictionaries in any order of keys", "[bencode]") {
  const auto decoded = decode_bencode("d3:zedi-7e4:listl1:ai2ed1:k1:veee");
  REQUIRE(decoded);
  CHECK(*decoded == Dictionary{{"zed", -7}, {"list", List{"a", 2, Dictionary{{"k", "v"}}}}});
}

TEST_CASE("what bencode writes it reads again, binary strings too", "[bencode]") {
  const Dictionary dictionary{{"empty", ""}, {"bin", std::string("\0d1:e\xff", 6)}, {"l", List{}}, {"d", Dictionary{}}};
  CHECK(*decode_bencode(encode_bencode(dictionary)) == dictionary);
}

TEST_CASE("bencode says what is wrong", "[bencode]") {
  const auto error = [](std::string_view text) { return decode_bencode(text).error(); };
  CHECK(error("") == DecodeError::Truncated);
  CHECK(error("d3:ab") == DecodeError::Truncated);
  CHECK(error("d1:ai1") == DecodeError::Truncated);
  CHECK(error("le") == DecodeError::NotADictionary);
  CHECK(error("i1e") == DecodeError::NotADictionary);
  CHECK(error("d1:ae") == DecodeError::Malformed);
  CHECK(error("di1e1:ae") == DecodeError::Malformed);
  CHECK(error("d1:ai1xe") == DecodeError::Malformed);
  CHECK(error("d1:ai999999999999999999999e") == DecodeError::Malformed);
  CHECK(error("dede") == DecodeError::TrailingBytes);
  CHECK(error("d99999999:a") == DecodeError::TooLarge);
  CHECK(error("d1:al" + std::string(10000, 'l')) == DecodeError::TooDeep);
  CHECK(error("d1:al" + std::string(20000, '0')) == DecodeError::Malformed);
}

TEST_CASE("bencode bounds the number of values", "[bencode]") {
  std::string many = "d1:al";
  for (int i = 0; i < 9000; ++i) many += "0:";
  CHECK(decode_bencode(many + "ee").error() == DecodeError::TooLarge);
}

TEST_CASE("the length of a dictionary is found without what follows it", "[bencode]") {
  CHECK(*measure_bencode("d1:ai1eed1:b") == 8);
  CHECK(measure_bencode("d1:ai1e").error() == DecodeError::Truncated);
}
