#include "relay/app/options.h"

#include <sysexits.h>

#include <catch2/catch.hpp>

#include <iostream>
#include <sstream>

#include "common/base/version.h"

using namespace relay::app;

namespace {

/// What a command line gives, and what it prints meanwhile.
struct Parsed {
  explicit Parsed(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "causeway-relay");
    std::ostringstream out;
    std::ostringstream err;
    std::streambuf* const cout = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const cerr = std::cerr.rdbuf(err.rdbuf());
    result = parse_options(static_cast<int>(arguments.size()), arguments.data());
    std::cout.rdbuf(cout);
    std::cerr.rdbuf(cerr);
    printed = out.str();
    complained = err.str();
  }
  const Options& options() const {
    REQUIRE(std::holds_alternative<Options>(result));
    return std::get<Options>(result);
  }
  std::optional<int> exit() const {
    const auto* code = std::get_if<Exit>(&result);
    return code == nullptr ? std::nullopt : std::optional(code->code);
  }
  /// `key=value (origin)` of each override, in order.
  std::vector<std::string> overrides() const {
    std::vector<std::string> texts;
    for (const auto& each : options().overrides)
      texts.push_back(each.key + '=' + each.value + " (" + each.origin + ')');
    return texts;
  }

  std::variant<Options, Exit> result;
  std::string printed;
  std::string complained;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("without arguments nothing is asked for", "[options]") {
  const Parsed parsed({});
  CHECK(parsed.options().config.empty());
  CHECK_FALSE(parsed.options().check);
  CHECK_FALSE(parsed.options().print_reference);
  CHECK_FALSE(parsed.options().print_sample);
  CHECK(parsed.options().overrides.empty());
}

TEST_CASE("file, check and the printed pages are asked for by their names", "[options]") {
  CHECK(Parsed({"--config", "relay.toml", "--check"}).options().config == "relay.toml");
  CHECK(Parsed({"--config=relay.toml", "--check"}).options().check);
  CHECK(Parsed({"--print-reference"}).options().print_reference);
  CHECK(Parsed({"--print-sample"}).options().print_sample);
}

TEST_CASE("flags that bear rtpengine's names set our keys, long and short", "[options]") {
  CHECK(Parsed({"--interface=10.0.0.1", "--listen-ng=127.0.0.1:2223", "--port-min=30000", "--port-max", "40000"})
            .overrides() == Texts{"relay.interface=10.0.0.1 (--interface)", "ng.listen=127.0.0.1:2223 (--listen-ng)",
                                  "relay.port_min=30000 (--port-min)", "relay.port_max=40000 (--port-max)"});
  CHECK(Parsed({"-i", "10.0.0.1", "-n", "2223", "-m", "30000", "-M", "40000"}).overrides() ==
        Texts{"relay.interface=10.0.0.1 (--interface)", "ng.listen=2223 (--listen-ng)",
              "relay.port_min=30000 (--port-min)", "relay.port_max=40000 (--port-max)"});
  CHECK(Parsed({"--num-threads=2", "--max-sessions=100", "--ice-lite", "--listen-http=8081"}).overrides() ==
        Texts{"relay.num_threads=2 (--num-threads)", "relay.max_sessions=100 (--max-sessions)",
              "http.listen=8081 (--listen-http)", "relay.ice_lite=true (--ice-lite)"});
}

TEST_CASE("lists may be said several times", "[options]") {
  CHECK(Parsed({"-i", "10.0.0.1", "-i", "out/10.0.0.2!192.0.2.1", "--ng-peer=10.0.0.8", "--ng-peer=10.0.0.9"})
            .overrides() == Texts{"relay.interface=10.0.0.1 (--interface)",
                                  "relay.interface=out/10.0.0.2!192.0.2.1 (--interface)",
                                  "ng.peers=10.0.0.8 (--ng-peer)", "ng.peers=10.0.0.9 (--ng-peer)"});
}

TEST_CASE("times without a unit are seconds, as rtpengine has them", "[options]") {
  CHECK(Parsed({"--timeout=60", "--drain-timeout=5"}).overrides() ==
        Texts{"relay.timeout=60s (--timeout)", "relay.drain_timeout=5s (--drain-timeout)"});
  CHECK(Parsed({"-o", "2m"}).overrides() == Texts{"relay.timeout=2m (--timeout)"});
  CHECK(Parsed({"--timeout=-1"}).overrides() == Texts{"relay.timeout=-1 (--timeout)"});  // for the table to refuse
}

TEST_CASE("syslog's levels are the nearest of ours", "[options]") {
  const auto level = [](const char* text) { return Parsed({"-L", text}).options().overrides.at(0).value; };
  CHECK(level("7") == "debug");
  CHECK(level("6") == "info");
  CHECK(level("5") == "info");
  CHECK(level("4") == "warn");
  CHECK(level("3") == "error");
  CHECK(level("0") == "error");
  CHECK(level("warn") == "warn");
}

TEST_CASE("a level beyond syslog's is left for the table to refuse", "[options]") {
  for (const auto* text : {"8", "10", "60"}) {
    CAPTURE(text);
    CHECK(Parsed({"-L", text}).options().overrides.at(0).value == text);
  }
}

TEST_CASE("any key can be set, and comes before the flags", "[options]") {
  CHECK(Parsed({"--port-min=30000", "--set", "http.token=a=b", "--set=relay.timeout=30s"}).overrides() ==
        Texts{"http.token=a=b (--set)", "relay.timeout=30s (--set)", "relay.port_min=30000 (--port-min)"});
  CHECK(Parsed({"--set", "http.token="}).overrides() == Texts{"http.token= (--set)"});
}

TEST_CASE("help and version print and end well", "[options]") {
  const Parsed help({"--help"});
  CHECK(help.exit() == EX_OK);
  for (const auto* flag : {"--interface", "--listen-ng", "--port-min", "--config", "--check", "--set"}) {
    CHECK(help.printed.find(flag) != std::string::npos);
  }
  const Parsed version({"--version"});
  CHECK(version.exit() == EX_OK);
  CHECK(version.printed == std::string("causeway-relay ") + common::kVersion + "\n");
}

TEST_CASE("a command line that makes no sense ends with a usage error that says why", "[options]") {
  for (const std::vector<const char*>& arguments : {std::vector<const char*>{"--no-such-flag"},
                                                    {"--config"},
                                                    {"stray"},
                                                    {"--set", "nothing"},
                                                    {"--set", "=value"}}) {
    CAPTURE(arguments.front());
    const Parsed parsed(arguments);
    CHECK(parsed.exit() == EX_USAGE);
    CHECK_FALSE(parsed.complained.empty());
  }
  CHECK(Parsed({"--set", "nothing"}).complained.find("table.key=value") != std::string::npos);
}

TEST_CASE("the flag that keeps rtpengine in the foreground is understood and changes nothing", "[options]") {
  CHECK(Parsed({"-f"}).options().overrides.empty());
}
