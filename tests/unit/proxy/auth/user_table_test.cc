#include "proxy/auth/user_table.h"

#include <catch2/catch.hpp>

using namespace proxy::auth;

TEST_CASE("a user is found by its whole name, in its own spelling", "[auth]") {
  const UserTable users{{{"alice", {.password = "wonderland", .ha1_md5 = {}, .ha1_sha256 = {}}},
                         {"bob", {.password = {}, .ha1_md5 = "0123", .ha1_sha256 = {}}}}};
  CHECK(users.size() == 2);
  CHECK(users.find("alice")->password == "wonderland");
  CHECK(users.find("bob")->ha1_md5 == "0123");
  CHECK(users.contains("bob"));
  for (const auto* other : {"", "Alice", "alice ", "ali", "carol"}) {
    CHECK_FALSE(users.contains(other));
    CHECK_FALSE(users.find(other));
  }
}

TEST_CASE("of two users of one name the last one counts", "[auth]") {
  const UserTable users{{{"alice", {.password = "old", .ha1_md5 = {}, .ha1_sha256 = {}}},
                         {"alice", {.password = "new", .ha1_md5 = {}, .ha1_sha256 = {}}}}};
  CHECK(users.size() == 1);
  CHECK(users.find("alice")->password == "new");
}

TEST_CASE("an empty table knows nobody", "[auth]") {
  CHECK(UserTable{}.size() == 0);
  CHECK_FALSE(UserTable{}.find(""));
}
