#include "common/redis/command.h"

#include <catch2/catch.hpp>
#include <string>

TEST_CASE("a command is an array of bulk strings, whatever bytes they hold", "[redis]") {
  const std::string binary{"a\0\r\n", 4};
  CHECK(common::redis::to_wire({"SET", "key", binary}) == "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$4\r\n" + binary + "\r\n");
  CHECK(common::redis::to_wire({"PING", ""}) == "*2\r\n$4\r\nPING\r\n$0\r\n\r\n");
}
