#include "relay/app/relay_config.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/config/reference.h"

using namespace relay::app;
using namespace std::chrono_literals;
using common::IpAddress;
using common::SocketAddress;

namespace {

const std::string kInterface = "[relay]\ninterface = [\"192.0.2.10\"]\n";

common::Result<RelayConfig, common::config::Problems> load(const std::string& text,
                                                           const std::vector<common::config::Override>& flags = {}) {
  return load_configuration({"relay.toml", text}, flags);
}

/// Every problem of a file, as a person reads it.
std::vector<std::string> problems(const std::string& text, const std::vector<common::config::Override>& flags = {}) {
  const auto loaded = load(text, flags);
  std::vector<std::string> texts;
  if (loaded) return texts;
  for (const auto& problem : loaded.error()) texts.push_back(problem.to_string());
  return texts;
}

bool complains(const std::string& text, std::string_view piece) {
  const auto all = problems(text);
  CAPTURE(all);
  return all.size() == 1 && all[0].find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("an interface is all that a relay needs to be told", "[config]") {
  const auto config = load(kInterface);
  REQUIRE(config);
  REQUIRE(config->relay.interfaces.size() == 1);
  CHECK(config->relay.interfaces[0] == *relay::control::Interface::parse("192.0.2.10"));
  CHECK(config->relay.port_min == 30000);
  CHECK(config->relay.port_max == 40000);
  CHECK(config->relay.timeout == 60s);
  CHECK(config->relay.drain_timeout == 60s);
  CHECK_FALSE(config->relay.ice_lite);
  CHECK(config->relay.log_level == "info");
  CHECK(config->ng.listen == *SocketAddress::parse("127.0.0.1:2223"));
  CHECK(config->http.listen == *SocketAddress::parse("127.0.0.1:8081"));
}

TEST_CASE("every key can be set in the file", "[config]") {
  const auto config = load(R"(
[relay]
interface = ["inside/10.0.0.5", "outside/10.0.0.6!203.0.113.5"]
port_min = 20000
port_max = 20099
num_threads = 3
max_sessions = 500
timeout = "2m"
drain_timeout = "0s"
ice_lite = true
log_level = "debug"
[ng]
listen = "192.0.2.10:2223"
peers = ["192.0.2.1", "198.51.100.0/24"]
[http]
listen = "[::1]:9090"
token = "secret"
)");
  REQUIRE(config);
  CHECK(config->relay.interfaces.size() == 2);
  CHECK(config->relay.interfaces[1].advertised == *IpAddress::parse("203.0.113.5"));
  CHECK(config->relay.port_min == 20000);
  CHECK(config->relay.port_max == 20099);
  CHECK(config->threads() == 3);
  CHECK(config->relay.max_sessions == 500);
  CHECK(config->relay.timeout == 2min);
  CHECK(config->relay.drain_timeout == 0s);
  CHECK(config->relay.ice_lite);
  CHECK(config->relay.log_level == "debug");
  REQUIRE(config->ng_peers().size() == 2);
  CHECK(config->ng_peers()[1].contains(*IpAddress::parse("198.51.100.7")));
  CHECK(config->http.listen == *SocketAddress::parse("[::1]:9090"));
  CHECK(config->http.token == "secret");
}

TEST_CASE("a port alone listens on loopback", "[config]") {
  const auto config = load(kInterface + "[ng]\nlisten = \"2225\"\n");
  REQUIRE(config);
  CHECK(config->ng.listen == *SocketAddress::parse("127.0.0.1:2225"));
}

TEST_CASE("flags win over the file, and those of a list take its place", "[config]") {
  const auto config = load(kInterface, {{"relay.interface", "10.0.0.1", "--interface"},
                                        {"relay.interface", "10.0.0.2", "--interface"},
                                        {"relay.port_max", "31000", "--port-max"}});
  REQUIRE(config);
  REQUIRE(config->relay.interfaces.size() == 2);
  CHECK(config->relay.interfaces[0].bind == *IpAddress::parse("10.0.0.1"));
  CHECK(config->relay.port_max == 31000);
}

TEST_CASE("without a number there is a thread for each processor, one at least", "[config]") {
  CHECK(load(kInterface)->threads() >= 1);
}

TEST_CASE("who may send requests is loopback if nobody is named", "[config]") {
  const auto peers = load(kInterface)->ng_peers();
  const auto may = [&](std::string_view address) {
    return std::ranges::any_of(peers,
                               [&](const common::Cidr& peer) { return peer.contains(*IpAddress::parse(address)); });
  };
  CHECK(may("127.0.0.9"));
  CHECK(may("::1"));
  CHECK_FALSE(may("192.0.2.1"));
}

TEST_CASE("a relay without an interface is none", "[config]") { CHECK(complains("", "relay.interface is missing")); }

TEST_CASE("an interface that peers cannot be told needs to say what they reach", "[config]") {
  CHECK(complains("[relay]\ninterface = [\"0.0.0.0\"]\n", "cannot be told to peers"));
  CHECK(problems("[relay]\ninterface = [\"0.0.0.0!192.0.2.1\"]\n").empty());
}

TEST_CASE("an interface in another form is refused with one that would do", "[config]") {
  CHECK(complains("[relay]\ninterface = [\"eth0\"]\n", "is not [NAME/]ADDRESS[!ADVERTISED]"));
  CHECK(complains("[relay]\ninterface = [\"10.0.0.5!\"]\n", "is not [NAME/]ADDRESS[!ADVERTISED]"));
}

TEST_CASE("a range of ports holds a pair at least, an even one and the next", "[config][rfc3550]") {
  const auto range = [](int first, int last) {
    return kInterface + "port_min = " + std::to_string(first) + "\nport_max = " + std::to_string(last) + "\n";
  };
  CHECK(problems(range(30000, 30001)).empty());
  CHECK(problems(range(30001, 30003)).empty());
  CHECK(complains(range(30000, 29999), "relay.port_max 29999 is not above relay.port_min 30000"));
  CHECK(complains(range(30000, 30000), "relay.port_max 30000 is not above relay.port_min 30000"));
  CHECK(complains(range(30001, 30002), "relay.port_max 30002 leaves no pair of ports from relay.port_min 30001 on"));
}

TEST_CASE("numbers and times have their bounds", "[config]") {
  CHECK(complains(kInterface + "port_min = 80\n", "relay.port_min"));
  CHECK(complains(kInterface + "timeout = \"4s\"\n", "relay.timeout"));
  CHECK(complains(kInterface + "num_threads = 257\n", "relay.num_threads"));
  CHECK(complains(kInterface + "log_level = \"loud\"\n", "relay.log_level"));
}

TEST_CASE("keys of media do not go where nobody has been named", "[config]") {
  CHECK(complains(kInterface + "[ng]\nlisten = \"192.0.2.10:2223\"\n", "ng.peers is missing"));
  CHECK(problems(kInterface + "[ng]\nlisten = \"[::1]:2223\"\n").empty());
  CHECK(complains(kInterface + "[ng]\npeers = [\"trunk.example\"]\n", "is not an address or block"));
  CHECK(complains(kInterface + "[ng]\nlisten = \"relay.example:2223\"\n", "is not an address with a port"));
}

TEST_CASE("metrics and lists are not open beyond loopback without a token", "[config]") {
  CHECK(complains(kInterface + "[http]\nlisten = \"192.0.2.10:8081\"\n", "http.token is missing"));
  CHECK(problems(kInterface + "[http]\nlisten = \"192.0.2.10:8081\"\ntoken = \"t\"\n").empty());
}

TEST_CASE("every problem of a file is named at once, with its line", "[config]") {
  const auto all = problems("[relay]\nport_min = 80\n[http]\nlisten = \"192.0.2.10:8081\"\nspeed = 3\n");
  CHECK(all.size() >= 4);
  const auto named = [&](std::string_view piece) {
    return std::ranges::any_of(all, [&](const std::string& text) { return text.find(piece) != std::string::npos; });
  };
  CHECK(named("relay.toml:2: relay.port_min 80"));
  CHECK(named("relay.interface is missing"));
  CHECK(named("http.token is missing"));
  CHECK(named("relay.toml:5: http.speed"));
}

TEST_CASE("the sample file is a whole configuration", "[config]") {
  CHECK(problems(common::config::sample(declared_configuration().decl(), "causeway-relay")) ==
        std::vector<std::string>{});
}
