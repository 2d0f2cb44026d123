#include <catch2/catch.hpp>

#include "proxy/app/config_check.h"
#include "tests/support/proxy_configuration.h"
#include "tests/support/test_certificates.h"

using namespace proxy::app;
using tests::configuration_problem;
using tests::kConfiguration;

namespace {

const std::string kByCost = "[[route]]\nname = \"r\"\nmatch = \"default\"\norder = \"cost\"\ntrunks = [\"carrier\"]\n";

std::string deck_file(const test::TempDir& dir, const std::string& text) {
  return "rates_file = \"" + dir.write("deck.csv", text) + "\"\n";
}

}  // namespace

TEST_CASE("rates come from a trunk's tables and its file, the tables first", "[config][proxy]") {
  const test::TempDir dir;
  const auto config =
      load_configuration({"p.toml", kConfiguration + deck_file(dir, "prefix,price\n49,0.02\n4930,0.01,60/1\n") +
                                        "[[trunk.rate]]\nprefix = \"49\"\nprice = \"0.50\"\n" + kByCost});
  REQUIRE(config);
  const auto& rates = config->rates.at("carrier");
  CHECK(rates.find("+4989")->price.to_string() == "0.50");
  CHECK(rates.find("+4930")->increment == proxy::routing::Increment{60, 1});
  CHECK(to_trunks(*config).find("carrier")->rates.empty());
  CHECK(to_router(*config).decide({"+4930", "example.org", "alice"})->trunks == std::vector<std::string>{"carrier"});
  CHECK_FALSE(to_router(*config).decide({"+33", "example.org", "alice"}));
}

TEST_CASE("a mistake in a file of rates is told with that file and its line", "[config][proxy]") {
  const test::TempDir dir;
  CHECK(configuration_problem(deck_file(dir, "49,0.02\n30,x\n")) ==
        dir.file("deck.csv") + ":2: \"x\" is not a price; write e.g. 0.0125, at most nine digits behind the point");
  CHECK(
      configuration_problem("rates_file = \"/nowhere/deck.csv\"\n") ==
      "p.toml:9: trunk[1].rates_file \"/nowhere/deck.csv\" cannot be read; name a CSV file of prefix,price lines that "
      "this user may read");
  CHECK(configuration_problem("[[trunk.rate]]\nprefix = \"x\"\nprice = \"1,5\"\nincrement = \"0\"\n")
            .starts_with("p.toml:10: trunk[1].rate[1].prefix \"x\" is not a prefix"));
}

TEST_CASE("a route by cost names trunks that have rates", "[config][proxy]") {
  CHECK(configuration_problem(kByCost) ==
        "p.toml:13: route[1].trunks \"carrier\" has no rates, so a route by cost never takes it; give it "
        "[[trunk.rate]] tables or a rates_file");
}
