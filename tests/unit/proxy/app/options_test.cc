#include "proxy/app/options.h"

#include <catch2/catch.hpp>

using namespace proxy::app;

namespace {

std::variant<Options, Exit> parsed(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "causeway-proxy");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

Options options(std::vector<const char*> arguments) { return std::get<Options>(parsed(std::move(arguments))); }

}  // namespace

TEST_CASE("a command line names the file and what to do with it", "[proxy][options]") {
  CHECK(options({"--config", "p.toml"}).config == "p.toml");
  CHECK_FALSE(options({"--config", "p.toml"}).check);
  CHECK(options({"--config=p.toml", "--check"}).check);
  CHECK(options({"--print-reference"}).print_reference);
  CHECK(options({"--print-sample"}).print_sample);
}

TEST_CASE("flags override keys of the file, in their order", "[proxy][options]") {
  const auto overrides =
      options({"--config", "p", "--log-level", "debug", "--set", "relay.timeout=2s", "--set", "proxy.realm=a=b"})
          .overrides;
  REQUIRE(overrides.size() == 3);
  CHECK(overrides[0].key == "relay.timeout");
  CHECK(overrides[0].value == "2s");
  CHECK(overrides[0].origin == "--set");
  CHECK(overrides[1].value == "a=b");
  CHECK(overrides[2].key == "proxy.log_level");
  CHECK(overrides[2].value == "debug");
  CHECK(overrides[2].origin == "--log-level");
}

TEST_CASE("what cannot be understood ends with the code of sysexits.h, help and version with success",
          "[proxy][options]") {
  const auto code = [](std::vector<const char*> arguments) {
    return std::get<Exit>(parsed(std::move(arguments))).code;
  };
  CHECK(code({}) == 64);
  CHECK(code({"--config"}) == 64);
  CHECK(code({"--config", "p", "--unknown"}) == 64);
  CHECK(code({"--config", "p", "--set", "novalue"}) == 64);
  CHECK(code({"--config", "p", "--set", "=value"}) == 64);
  CHECK(code({"--help"}) == 0);
  CHECK(code({"--version"}) == 0);
}
