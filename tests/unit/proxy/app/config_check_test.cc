#include "proxy/app/config_check.h"

#include <catch2/catch.hpp>

#include "tests/support/proxy_configuration.h"

using namespace proxy::app;
using tests::configuration_problem;

TEST_CASE("a host is an address or a DNS name", "[config][proxy][rfc1123]") {
  for (const auto* host : {"192.0.2.1", "2001:db8::1", "[2001:db8::1]", "example.org", "example.org.", "a",
                           "_sip._udp.example", "1st-host.example"}) {
    CAPTURE(host);
    CHECK(is_host(host));
  }
  for (const auto* other :
       {"", ".", "a..b", "-a.example", "a-.example", "exa mple.org", "example.org:5060", "a@b", "[example.org]",
        "b\xc3\xbc"
        "cher.example",
        "a/b"}) {
    CAPTURE(other);
    CHECK_FALSE(is_host(other));
  }
  CHECK(is_host(std::string(63, 'a') + ".example"));
  CHECK_FALSE(is_host(std::string(64, 'a') + ".example"));
  std::string longest;
  while (longest.size() < 253) longest += longest.size() % 50 == 49 ? '.' : 'a';
  CHECK(is_host(longest));
  CHECK_FALSE(is_host(longest + 'a'));
}

TEST_CASE("domains and the secret's file are looked at", "[config][proxy]") {
  const auto with = [](const std::string& lines) {
    return configuration_problem(
        "", "[proxy]\n" + lines + "[[listen]]\ntransport = \"udp\"\naddress = \"192.0.2.1:5060\"\n");
  };
  CHECK(with("domains = []\n") ==
        "p.toml:2: proxy.domains is missing; name at least one domain, e.g. domains = [\"example.org\"]");
  CHECK(with("domains = [\"exa mple..org\"]\n") ==
        "p.toml:2: proxy.domains \"exa mple..org\" is neither a name nor an address; write what stands behind the @ of "
        "your users");
  CHECK(with("domains = [\"example.org\"]\nsecret_file = \"/nonexistent/x\"\n")
            .starts_with("p.toml:3: proxy.secret_file \"/nonexistent/x\" cannot be used; /nonexistent/x: "));
}

TEST_CASE("what carries media keys in clear stays on this host", "[config][proxy]") {
  CHECK(configuration_problem("[relay]\ncontrol = [\"198.51.100.1:2223\"]\n") ==
        "p.toml:10: relay.control \"198.51.100.1:2223\" carries media keys in clear beyond this host; use loopback, or "
        "set allow_control_in_clear = true if the path is protected otherwise");
  CHECK(configuration_problem("[relay]\nteardown_listen = \"198.51.100.1:2224\"\n") ==
        "p.toml:10: relay.teardown_listen \"198.51.100.1:2224\" is open beyond this host; use loopback, or set "
        "allow_control_in_clear = true if the path is protected otherwise");
  CHECK(configuration_problem("[relay]\ncontrol = [\"198.51.100.1:2223\"]\nteardown_listen = \"198.51.100.1:2224\"\n"
                              "allow_control_in_clear = true\n")
            .empty());
}

TEST_CASE("there is a relay, and no more than a cookie can name", "[config][proxy]") {
  CHECK(configuration_problem("[relay]\ncontrol = []\n") ==
        "p.toml:10: relay.control is empty; name at least one relay");
  const auto with_relays = [](int count) {
    std::string list;
    for (int i = 1; i <= count; ++i) list += "\"127.0.0.1:" + std::to_string(i) + "\",";
    return configuration_problem("[relay]\ncontrol = [" + list + "]\n");
  };
  CHECK(with_relays(256).empty());
  CHECK(with_relays(257) ==
        "p.toml:10: relay.control 257 are too many relays; name at most 256; a cookie has one byte for the relay");
}

TEST_CASE("the times of a registration come in their order", "[config][proxy]") {
  CHECK(configuration_problem("[registrar]\nmin_expires = \"20m\"\n") ==
        "p.toml:9: registrar.default_expires \"10m\" is below registrar.min_expires; keep min_expires <= "
        "default_expires <= max_expires");
  CHECK(
      configuration_problem("[registrar]\nmax_expires = \"5m\"\n") ==
      "p.toml:10: registrar.max_expires \"5m\" is below registrar.default_expires; keep min_expires <= default_expires "
      "<= max_expires");
}

TEST_CASE("the admin pages are for this host", "[config][proxy]") {
  CHECK(configuration_problem("[admin]\nlisten = \"0.0.0.0:8080\"\n") ==
        "p.toml:10: admin.listen \"0.0.0.0:8080\" is open beyond this host; use a loopback address; publish it through "
        "a web server that asks for a login");
  CHECK(configuration_problem("[admin]\nlisten = \"[::1]:8080\"\n").empty());
}

TEST_CASE("a session is not asked to be shorter than RFC 4028 lets it be", "[config][proxy][rfc4028]") {
  const auto with = [](const std::string& value) {
    return configuration_problem("[timers]\nsession_expires = \"" + value + "\"\n");
  };
  CHECK(with("0s").empty());
  CHECK(with("90s").empty());
  CHECK(with("89s").starts_with("p.toml:10: timers.session_expires \"89s\" is shorter than a session may be; "));
}
