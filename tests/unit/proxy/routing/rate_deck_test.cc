#include "proxy/routing/rate_deck.h"

#include <catch2/catch.hpp>

using namespace proxy::routing;

namespace {

std::string mistake(std::string_view text) {
  const auto deck = read_rate_deck(text);
  if (deck.mistakes.size() != 1) return std::to_string(deck.mistakes.size()) + " mistakes";
  return std::to_string(deck.mistakes.front().line) + ": " + deck.mistakes.front().value + ' ' +
         deck.mistakes.front().problem;
}

}  // namespace

TEST_CASE("a deck is read as carriers write it", "[routing]") {
  const auto deck =
      read_rate_deck("Prefix,Price,Increment\r\n# Germany\n\n49,0.0100,60/1\r\n\"4930\" , \"0.008\"\n+1;0.5;6");
  CHECK(deck.mistakes.empty());
  REQUIRE(deck.rates.size() == 3);
  CHECK(deck.rates[0].prefix.to_string() == "49");
  CHECK(deck.rates[0].price.to_string() == "0.0100");
  CHECK(deck.rates[0].increment == Increment{60, 1});
  CHECK(deck.rates[1].prefix.to_string() == "4930");
  CHECK(deck.rates[1].increment == Increment{1, 1});
  CHECK(deck.rates[2].increment == Increment{6, 6});
}

TEST_CASE("a mistake of a deck has its line and its field", "[routing]") {
  CHECK(mistake("49,1\n49x,1\n") == "2: 49x is not a prefix");
  CHECK(mistake("49,1\n\n33,cheap\n") == "3: cheap is not a price");
  CHECK(mistake("49,1,0/0\n") == "1: 0/0 is not a billing increment");
  CHECK(mistake("49\n") == "1: 49 is not a rate");
  CHECK(mistake("49,1,1,1\n") == "1: 49,1,1,1 is not a rate");
  CHECK(mistake("49,1\n1,2\n+49,1\n") == "3: 49 has a rate on line 1 already");
  CHECK(mistake("49,1\nprefix,price\n") == "2: prefix is not a prefix");
}

TEST_CASE("what a deck of rubbish says is bounded", "[routing]") {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::string(1000, 'x') + '\n';
  const auto deck = read_rate_deck(text);
  CHECK(deck.mistakes.size() == 20);
  CHECK(deck.mistakes.front().value.size() == 40);
  CHECK(read_rate_deck(std::string("49,1\n\0,2\n", 9)).mistakes.size() == 1);
}
