#include <catch2/catch.hpp>

#include "proxy/app/config_check.h"
#include "tests/support/proxy_configuration.h"
#include "tests/support/test_certificates.h"

using namespace proxy::app;
using tests::configuration_problem;
using tests::configuration_problems;

namespace {

std::string web_listener(const std::string& more) {
  return "[[listen]]\ntransport = \"ws\"\naddress = \"192.0.2.1:80\"\n" + more;
}

/// Problems of [tls] with these keys.
std::vector<std::string> tls_problems(const TlsSection& tls) {
  common::config::Report report;
  check_tls(tls, report);
  std::vector<std::string> lines;
  for (const auto& problem : report.take()) lines.push_back(problem.to_string());
  return lines;
}

bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("a listener is where peers can find it and nobody else is", "[config][proxy]") {
  CHECK(configuration_problem("[[listen]]\ntransport = \"tcp\"\naddress = \"0.0.0.0:5060\"\n") ==
        "p.toml:11: listen[2].address \"0.0.0.0:5060\" cannot be told to peers; set advertised to the address that "
        "peers reach");
  CHECK(configuration_problem("[[listen]]\ntransport = \"udp\"\naddress = \"192.0.2.1:5060\"\n") ==
        "p.toml:11: listen[2].address \"192.0.2.1:5060\" is taken by another [[listen]]; give each listener a port of "
        "its own");
  CHECK(configuration_problem("[[listen]]\ntransport = \"tcp\"\naddress = \"0.0.0.0:5060\"\n"
                              "advertised = \"192.0.2.9:5060\"\n")
            .empty());
  CHECK(
      configuration_problem("[[listen]]\ntransport = \"tcp\"\naddress = \"192.0.2.1:5060\"\n").empty());  // beside UDP
}

TEST_CASE("a proxy without a listener is none", "[config][proxy]") {
  CHECK(configuration_problem("", "[proxy]\ndomains = [\"example.org\"]\n") ==
        "p.toml:1: listen is missing; add at least one [[listen]] table");
}

TEST_CASE("what belongs to the web needs a WebSocket listener", "[config][proxy]") {
  CHECK(configuration_problem("[[listen]]\ntransport = \"tcp\"\naddress = \"192.0.2.1:5060\"\norigins = [\"x\"]\n") ==
        "p.toml:12: listen[2].origins needs a WebSocket listener; remove it");
  CHECK(configuration_problem("[[listen]]\ntransport = \"tcp\"\naddress = \"192.0.2.1:5060\"\nweb_root = \"/x\"\n") ==
        "p.toml:12: listen[2].web_root \"/x\" needs a WebSocket listener; remove it or choose transport ws or wss");
  CHECK(configuration_problem(web_listener("web_root = \"/nonexistent\"\n")) ==
        "p.toml:12: listen[2].web_root \"/nonexistent\" is not a folder; name an existing folder");
  CHECK(configuration_problem(web_listener("path = \"ws\"\n")) ==
        "p.toml:12: listen[2].path \"ws\" does not start with /; write e.g. \"/ws\"");
}

TEST_CASE("an origin is what browsers send", "[config][proxy][rfc6454]") {
  CHECK(configuration_problem(web_listener("origins = [\"null\", \"https://phone.example.org:8443\", \"app://phone\", "
                                           "\"http://[2001:db8::1]\"]\n"))
            .empty());
  for (const std::string origin :
       {"phone.example.org", "://phone", "https://", "https://phone/", "https://a@phone", "https://a b"}) {
    CAPTURE(origin);
    CHECK(configuration_problem(web_listener("origins = [\"" + origin + "\"]\n"))
              .starts_with("p.toml:12: listen[2].origins \"" + origin + "\" is not what browsers send"));
  }
}

TEST_CASE("a certificate is of no use to a listener without TLS", "[config][proxy]") {
  CHECK(configuration_problem(web_listener("certificate = \"c.pem\"\n")) ==
        "p.toml:12: listen[2].certificate is of no use without TLS; remove it or choose transport tls or wss");
  CHECK(configuration_problem(web_listener("key = \"k.pem\"\n")) ==
        "p.toml:12: listen[2].key is of no use without TLS; remove it or choose transport tls or wss");
}

TEST_CASE("TLS listeners need a readable certificate and the key that belongs to it", "[config][proxy]") {
  const test::TempDir dir;
  const test::TestCa ca;
  const auto own = ca.issue(dir, "own", "proxy.example", {"DNS:proxy.example"});
  const auto other = ca.issue(dir, "other", "other.example", {});
  const auto lines = [](const std::string& certificate, const std::string& key) {
    return configuration_problems("[[listen]]\ntransport = \"wss\"\naddress = \"192.0.2.1:443\"\ncertificate = \"" +
                                  certificate + "\"\nkey = \"" + key + "\"\n");
  };
  CHECK(lines(own.certificate, own.key).empty());
  const auto missing = lines("", dir.file("none.key"));
  REQUIRE(missing.size() == 2);
  CHECK(missing[0] == "p.toml:12: listen[2].certificate is missing; name a PEM file; tls and wss need a certificate");
  CHECK(missing[1] == "p.toml:13: listen[2].key \"" + dir.file("none.key") +
                          "\" cannot be read; name a file that this user may read");
  CHECK(lines(dir.path(), own.key).size() == 1);
  const auto mixed = lines(own.certificate, other.key);
  REQUIRE(mixed.size() == 1);
  CHECK(mixed[0].starts_with("p.toml:12: listen[2].certificate cannot be used; private key " + other.key));
}

TEST_CASE("for connections of our own certificate and key come together or not at all", "[config][proxy]") {
  const test::TempDir dir;
  const test::TestCa ca;
  const auto own = ca.issue(dir, "own", "proxy.example", {});
  const std::string roots = ca.write(dir, "ca.pem");
  CHECK(tls_problems({}).empty());
  CHECK(tls_problems({roots, own.certificate, own.key}).empty());
  const auto keyless = tls_problems({roots, own.certificate, ""});
  REQUIRE(keyless.size() == 1);
  CHECK(holds(keyless[0], "tls.key is missing; give certificate and key, or neither"));
  const auto nameless = tls_problems({roots, "", own.key});
  REQUIRE(nameless.size() == 1);
  CHECK(holds(nameless[0], "tls.certificate is missing; give certificate and key, or neither"));
  const auto unreadable = tls_problems({dir.file("none.pem"), "", ""});
  REQUIRE(unreadable.size() == 1);
  CHECK(holds(unreadable[0], "tls.ca \"" + dir.file("none.pem") + "\" cannot be read"));
  const auto empty = tls_problems({dir.write("empty.pem", ""), "", ""});
  REQUIRE(empty.size() == 1);
  CHECK(holds(empty[0], "tls.ca cannot be used"));
}

TEST_CASE("certificates of clients are asked for over TLS, with roots to check them", "[config][proxy]") {
  const test::TempDir dir;
  const test::TestCa ca;
  const auto own = ca.issue(dir, "own", "proxy.example", {"DNS:proxy.example"});
  const std::string roots = "client_ca = \"" + ca.write(dir, "ca.pem") + "\"\n";
  const auto listen = [&](const std::string& transport, const std::string& more) {
    return "[[listen]]\ntransport = \"" + transport + "\"\naddress = \"192.0.2.1:5061\"\n" +
           (transport == "tls" ? "certificate = \"" + own.certificate + "\"\nkey = \"" + own.key + "\"\n" : "") + more;
  };
  const std::string subjects = "tls_subjects = [\"gw.example\"]\n";
  CHECK(configuration_problem(subjects + listen("tls", roots + "client_certificate = \"require\"\n")).empty());
  CHECK(configuration_problem(listen("tls", "client_certificate = \"require\"\n")) ==
        "p.toml:14: listen[2].client_certificate \"require\" has no roots to check it with; name them in client_ca");
  CHECK(configuration_problem(listen("tcp", "client_ca = \"x.pem\"\n")) ==
        "p.toml:12: listen[2].client_ca \"x.pem\" needs a TLS listener; remove it or choose transport tls");
  CHECK(configuration_problem(listen("tls", "client_ca = \"/nowhere.pem\"\n"))
            .starts_with("p.toml:14: listen[2].client_ca"));
  CHECK(
      configuration_problem(subjects + listen("tls", "")) ==
      "p.toml:9: trunk[1].tls_subjects has no listener that asks for certificates; set client_ca in a [[listen]] with "
      "transport = \"tls\"");
  CHECK(configuration_problem("transport = \"udp\"\n" + subjects) ==
        "p.toml:10: trunk[1].tls_subjects is of no use without TLS; remove it or set transport = \"tls\"");
}

TEST_CASE("load balancers stand in front of connections, not of datagrams", "[config][proxy][proxy-protocol]") {
  const auto with = [](const std::string& transport, const std::string& balancers) {
    return configuration_problem("", "[proxy]\ndomains = [\"example.org\"]\n[[listen]]\ntransport = \"" + transport +
                                         "\"\naddress = \"192.0.2.1:5060\"\nbalancers = " + balancers + "\n");
  };
  CHECK(with("tcp", R"(["192.0.2.9", "2001:db8::/64"])").empty());
  CHECK(with("udp", R"(["192.0.2.9"])").starts_with("p.toml:6: listen[1].balancers needs connections; "));
  CHECK_FALSE(with("tcp", R"(["balancer.example.org"])").empty());
}
