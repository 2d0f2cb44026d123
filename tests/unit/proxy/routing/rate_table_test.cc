#include "proxy/routing/rate_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace proxy::routing;

namespace {

Rate rate(const std::string& prefix, const char* price) {
  return {*NumberPrefix::parse(prefix), *Price::parse(price), {}};
}

std::string price_of(const RateTable& table, std::string_view number) {
  const Rate* found = table.find(number);
  return found == nullptr ? "none" : found->price.to_string();
}

/// 50,000 prefixes of every length, some inside others.
std::map<std::string, std::string> large_deck() {
  std::mt19937_64 engine{7};
  std::map<std::string, std::string> deck;
  while (deck.size() < 50'000) {
    std::string prefix = std::to_string(1 + engine() % 9);
    for (auto more = engine() % 8; more > 0; --more) prefix += static_cast<char>('0' + engine() % 10);
    deck.emplace(prefix, "0." + std::to_string(1 + engine() % 9999));
  }
  return deck;
}

}  // namespace

TEST_CASE("the longest prefix of a number has its price", "[routing]") {
  const RateTable table{{rate("49", "0.02"), rate("4930", "0.01"), rate("493", "0.015"), rate("1", "0.005"),
                         rate("493012345678901", "9")}};
  CHECK(price_of(table, "+493099") == "0.01");
  CHECK(price_of(table, "4931") == "0.015");
  CHECK(price_of(table, "+4989123") == "0.02");
  CHECK(price_of(table, "+1") == "0.005");
  CHECK(price_of(table, "+4") == "none");
  CHECK(price_of(table, "+33123") == "none");
  CHECK(price_of(table, "alice") == "none");
  CHECK(price_of(table, "") == "none");
  CHECK(price_of(table, "4930123456789012345") == "9");
  CHECK(price_of(table, "49301234567890") == "0.01");
  CHECK(price_of(RateTable{}, "+49") == "none");
}

TEST_CASE("leading zeros are digits like others", "[routing]") {
  const RateTable table{{rate("0", "1"), rate("00", "2")}};
  CHECK(price_of(table, "01") == "1");
  CHECK(price_of(table, "001") == "2");
  CHECK(NumberPrefix::parse("007")->to_string() == "007");
  CHECK(NumberPrefix::parse("007")->length() == 3);
}

TEST_CASE("of two rates for one prefix the first one holds", "[routing]") {
  const RateTable table{{rate("49", "0.02"), rate("49", "0.01")}};
  CHECK(price_of(table, "+49") == "0.02");
  CHECK(table.size() == 1);
}

TEST_CASE("a deck of 50,000 prefixes answers as a search through all of them does", "[routing]") {
  const auto deck = large_deck();
  std::vector<Rate> rates;
  for (const auto& [prefix, price] : deck) rates.push_back(rate(prefix, price.c_str()));
  std::ranges::shuffle(rates, std::mt19937_64{3});
  const RateTable table{std::move(rates)};
  static_assert(sizeof(Rate) <= 32);
  std::mt19937_64 engine{11};
  for (int i = 0; i < 2000; ++i) {
    const std::string number = std::to_string(engine() % 100'000'000'000);
    std::string expected = "none";
    for (std::size_t length = number.size(); length > 0 && expected == "none"; --length) {
      if (const auto found = deck.find(number.substr(0, length)); found != deck.end()) {
        expected = Price::parse(found->second)->to_string();
      }
    }
    CAPTURE(number);
    REQUIRE(price_of(table, number) == expected);
  }
}

TEST_CASE("a prefix has 1 to 15 digits", "[routing]") {
  CHECK(NumberPrefix::parse("+49")->to_string() == "49");
  for (const char* text : {"", "+", "4a", "49 ", "1234567890123456", "*"}) CHECK_FALSE(NumberPrefix::parse(text));
}

TEST_CASE("a billing increment is one or two numbers of seconds", "[routing]") {
  CHECK(*Increment::parse("60/1") == Increment{60, 1});
  CHECK(*Increment::parse("6") == Increment{6, 6});
  for (const char* text : {"", "0", "60/", "/1", "60/1/1", "3601", "-1", "1 / 1"}) CHECK_FALSE(Increment::parse(text));
}
