#include "proxy/transport/listener.h"

#include <catch2/catch.hpp>
#include <string>

#include "proxy/transport/sockets.h"
#include "tests/support/test_certificates.h"
#include "tests/support/transport_scene.h"

using namespace proxy::transport;

TEST_CASE("a listener that cannot be bound says which, why and what to do", "[transport][listener]") {
  ListenerSettings settings = test::listener(Kind::Tcp);
  const auto first = bind_listener(settings);
  REQUIRE(first);
  settings.bind = local_address(first->get());
  const auto second = bind_listener(settings);
  REQUIRE_FALSE(second);
  CHECK(second.error() == "TCP listener " + settings.bind.to_string() +
                              ": Address already in use; choose a free address of this machine");
}

TEST_CASE("only TLS and WSS have a certificate, and a missing one is named with its listener",
          "[transport][listener]") {
  std::vector<std::string> problems;
  for (const Kind kind : {Kind::Udp, Kind::Tcp, Kind::Ws})
    CHECK_FALSE(load_certificate(test::listener(kind), problems));
  CHECK(problems.empty());
  const test::TempDir dir;
  const test::PemFiles files = test::TestCa{}.issue(dir, "proxy", "proxy", {"IP:127.0.0.1"});
  for (const Kind kind : {Kind::Tls, Kind::Wss}) {
    ListenerSettings settings = test::listener(kind);
    settings.tls = {files.certificate, files.key, {}};
    CHECK(load_certificate(settings, problems));
    settings.tls.certificate = dir.file("none.pem");
    CHECK_FALSE(load_certificate(settings, problems));
  }
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].starts_with("TLS listener 127.0.0.1:0: "));
  CHECK(problems[1].starts_with("WSS listener 127.0.0.1:0: "));
  CHECK(problems[1].find("none.pem") != std::string::npos);
}

TEST_CASE("only WS and WSS have pages", "[transport][listener]") {
  ListenerSettings settings = test::listener(Kind::Ws);
  settings.websocket_path = "/sip";
  settings.origins = {"https://phone.example"};
  const auto web = web_front(settings);
  REQUIRE(web);
  CHECK(web->policy.path == "/sip");
  CHECK(web->policy.origins == settings.origins);
  CHECK(web_front(test::listener(Kind::Wss)));
  CHECK_FALSE(web_front(test::listener(Kind::Tls)));
}
