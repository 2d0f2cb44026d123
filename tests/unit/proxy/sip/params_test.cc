#include "proxy/sip/params.h"

#include <catch2/catch.hpp>

using namespace proxy::sip;

namespace {

Params params(std::string_view text) {
  Params out;
  CAPTURE(text);
  REQUIRE(out.parse(text));
  return out;
}

using Pieces = std::vector<std::string_view>;

}  // namespace

TEST_CASE("parameters keep their order and spelling, and are found in any case", "[sip]") {
  const Params read = params(";Transport=TCP;lr;ttl=16");
  CHECK(read.items() == std::vector<Params::Item>{{"Transport", "TCP"}, {"lr", ""}, {"ttl", "16"}});
  CHECK(read.get("transport") == "TCP");
  CHECK(read.has("LR"));
  CHECK(read.get("lr").empty());
  CHECK_FALSE(read.has("maddr"));
  CHECK(read.to_string() == ";Transport=TCP;lr;ttl=16");
}

TEST_CASE("spaces around names and values are not part of them", "[sip][rfc3261]") {
  CHECK(params(" ;  tag =  98asjd8 ; q\t=\t0.33 ").to_string() == ";tag=98asjd8;q=0.33");
}

TEST_CASE("a quoted value may hold what separates elsewhere", "[sip][rfc3261]") {
  const Params read = params(";a=\"x;y=z\";b=\"q\\\";r\";c=1");
  CHECK(read.get("a") == "\"x;y=z\"");
  CHECK(read.get("b") == "\"q\\\";r\"");
  CHECK(read.get("c") == "1");
}

TEST_CASE("nothing is no parameter, and so is nothing between semicolons", "[sip]") {
  CHECK(params("").empty());
  CHECK(params("  ").empty());
  CHECK(params(";;lr;").to_string() == ";lr");
}

TEST_CASE("malformed parameters are refused", "[sip][attack]") {
  for (const auto* text : {"lr", "x;lr", ";=x", ";a b", ";a b=c", ";\"a\"=b", ";<a>"}) {
    CAPTURE(text);
    CHECK_FALSE(Params{}.parse(text));
  }
}

TEST_CASE("what was read before is gone", "[sip]") {
  Params read = params(";a=1;b=2");
  REQUIRE(read.parse(";c=3"));
  CHECK(read.to_string() == ";c=3");
}

TEST_CASE("setting replaces where it stands or adds at the end", "[sip]") {
  Params read = params(";rport;branch=z9hG4bK1");
  read.set("RPORT", "5062");
  read.set("received", "192.0.2.1");
  read.set("ob");
  CHECK(read.to_string() == ";rport=5062;branch=z9hG4bK1;received=192.0.2.1;ob");
  read.set("branch");
  CHECK(read.to_string() == ";rport=5062;branch;received=192.0.2.1;ob");
}

TEST_CASE("removing takes every parameter of the name", "[sip][attack]") {
  Params read = params(";received=192.0.2.1;a=1;Received=192.0.2.2");
  CHECK(read.get("received") == "192.0.2.1");
  read.remove("RECEIVED");
  CHECK(read.to_string() == ";a=1");
  read.remove("absent");
  CHECK(read.to_string() == ";a=1");
}

TEST_CASE("the routes of RFC 3261 section 7.3.1 are three values in one line or in three", "[sip][rfc3261]") {
  CHECK(split_outside_quotes("<sip:alice@atlanta.com>, <sip:bob@biloxi.com>,\r\n <sip:carol@chicago.com>", ',') ==
        Pieces{"<sip:alice@atlanta.com>", "<sip:bob@biloxi.com>", "<sip:carol@chicago.com>"});
}

TEST_CASE("a separator in quotes or angle brackets separates nothing", "[sip][rfc3261]") {
  CHECK(split_outside_quotes("\"Bell, A\" <sip:a,b@c>;x=\",\", d", ',') ==
        Pieces{"\"Bell, A\" <sip:a,b@c>;x=\",\"", "d"});
  CHECK(split_outside_quotes("\"a\\\",b\",c", ',') == Pieces{"\"a\\\",b\"", "c"});
  CHECK(split_outside_quotes("\"<\",b", ',') == Pieces{"\"<\"", "b"});
}

TEST_CASE("pieces may be empty, and the last one may be cut off", "[sip]") {
  CHECK(split_outside_quotes("", ',') == Pieces{""});
  CHECK(split_outside_quotes("a,,b,", ',') == Pieces{"a", "", "b", ""});
  CHECK(split_outside_quotes("a,\"b,c", ',') == Pieces{"a", "\"b,c"});
  CHECK(split_outside_quotes("a,\"b\\", ',') == Pieces{"a", "\"b\\"});
}
