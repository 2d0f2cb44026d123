#include "common/config/nearest.h"

#include <catch2/catch.hpp>

using namespace common::config;

TEST_CASE("edit distance counts a swap of neighbours once", "[config]") {
  CHECK(edit_distance("port", "prot") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("same", "same") == 0);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("abcdef", "badcfe") == 3);
}

TEST_CASE("the candidate with the fewest typing errors is meant", "[config]") {
  CHECK(nearest("lisetn", {"listen", "route"}) == "listen");
  CHECK(nearest("port_mux", {"port_min", "port_max"}) == "port_max");
  CHECK(nearest("port_mix", {"port_min", "port_max"}) == "port_min");  // as near as the other and before it
  CHECK(nearest("route", {"routes", "route"}) == "route");
}

TEST_CASE("what is no typing error suggests nothing", "[config]") {
  CHECK_FALSE(nearest("banana", {"listen", "route"}));
  CHECK_FALSE(nearest("anything", {}));
  CHECK(nearest("registrar_x", {"registrar"}) == "registrar");  // two of eleven letters
  CHECK_FALSE(nearest("registrar_wxyz", {"registrar"}));        // five of fourteen
  CHECK_FALSE(nearest("x", {"ab"}));                            // nothing of the candidate is left
  CHECK_FALSE(nearest(std::string(65, 'a'), {std::string(65, 'a')}));
}
