#include "ctl/table/table.h"

#include <catch2/catch.hpp>

using namespace ctl::table;

TEST_CASE("a list of objects becomes aligned columns in the order of their keys", "[ctl]") {
  const auto table = from_json(
      R"({"trunks":[{"name":"carrier","port":5060,"codecs":["PCMA","PCMU"]},{"name":"b","port":80,"up":true}]})",
      "trunks");
  REQUIRE(table);
  CHECK(table->to_string() ==
        "NAME     PORT  CODECS     UP\n"
        "carrier  5060  PCMA,PCMU  -\n"
        "b          80  -          yes\n");
}

TEST_CASE("text from peers cannot move the cursor or fill the screen", "[ctl]") {
  const auto table = from_json("{\"l\":[{\"a\":\"x\\u001b[2Jy\",\"b\":\"" + std::string(200, 'z') + "\"}]}", "l");
  REQUIRE(table);
  CHECK(table->rows[0][0] == "x?[2Jy");
  CHECK(table->rows[0][1].size() < 70);
}

TEST_CASE("an answer of another shape is an error, not a guess", "[ctl]") {
  for (const char* text : {"", "[]", "{}", "{\"l\":3}", "{\"l\":[1]}", "{\"l\":["}) CHECK_FALSE(from_json(text, "l"));
  CHECK(from_json("{\"l\":[]}", "l")->to_string().empty());
}
