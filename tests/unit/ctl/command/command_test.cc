#include "ctl/command/command.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace ctl::command;

namespace {
std::variant<Command, Exit> parse_words(std::vector<const char*> words) {
  words.insert(words.begin(), "causewayctl");
  return parse(static_cast<int>(words.size()), words.data());
}
}  // namespace

TEST_CASE("each list is asked from the program that has it", "[ctl]") {
  CHECK(std::get<Command>(parse_words({"sessions"})).url == "http://127.0.0.1:8081/v1/sessions");
  CHECK(std::get<Command>(parse_words({"trunks"})).url == "http://127.0.0.1:8080/v1/trunks");
  const auto command = std::get<Command>(parse_words({"registrations", "--proxy", "http://[::1]:9/", "--json"}));
  CHECK(command.url == "http://[::1]:9/v1/registrations");
  CHECK(command.key == "registrations");
  CHECK(command.json);
}

TEST_CASE("an unknown list is a usage error", "[ctl]") {
  CHECK(std::get<Exit>(parse_words({"cats"})).code == 64);
  CHECK(std::get<Exit>(parse_words({})).code == 64);
}
