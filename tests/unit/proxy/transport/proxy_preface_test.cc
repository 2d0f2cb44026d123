#include "proxy/transport/proxy_preface.h"

#include <catch2/catch.hpp>

#include "proxy/transport/transport_layer.h"
#include "tests/support/proxy_headers.h"
#include "tests/support/transport_scene.h"
#include "tests/support/ws_frames.h"

using namespace proxy::transport;
using namespace std::chrono_literals;
using test::proxy_header;
using test::proxy_header_of_client;
using test::TcpClient;
using test::TransportScene;

namespace {

Settings behind_balancer(Kind kind, const char* balancer = "127.0.0.0/8") {
  Settings settings;
  settings.listeners = {test::listener(kind)};
  settings.listeners[0].balancers = {*common::Cidr::parse(balancer)};
  settings.limits.handshake = 150ms;
  return settings;
}

std::uint64_t refused(const TransportScene& scene) {
  return scene.layer->stats().refused[static_cast<std::size_t>(Refusal::ProxyHeader)];
}

}  // namespace

TEST_CASE("behind a load balancer a message comes from the balancer's client", "[transport][proxy-protocol]") {
  TransportScene scene{behind_balancer(Kind::Tcp)};
  TcpClient client = scene.client();
  SECTION("header and message in one piece") { client.send(proxy_header_of_client() + test::sip_message("hello")); }
  SECTION("the header in two pieces") {
    const std::string header = proxy_header_of_client();
    client.send(header.substr(0, 13));
    scene.loop.run_until([] { return false; }, 20ms);
    client.send(header.substr(13) + test::sip_message("hello"));
  }
  REQUIRE(scene.wait_messages(1));
  CHECK(scene.messages[0].bytes == test::sip_message("hello"));
  CHECK(scene.messages[0].flow.remote.to_string() == "192.0.2.7:40000");
  scene.layer->send(scene.messages[0].flow, test::sip_message("answer"), 1);
  CHECK(client.wait_for("answer"));
}

TEST_CASE("a browser behind a load balancer upgrades as always", "[transport][proxy-protocol]") {
  TransportScene scene{behind_balancer(Kind::Ws)};
  TcpClient client = scene.client();
  client.send(proxy_header_of_client() + test::ws_upgrade_request());
  CHECK(client.wait_for("101 Switching Protocols"));
}

TEST_CASE("the balancer's own connection is its own", "[transport][proxy-protocol]") {
  TransportScene scene{behind_balancer(Kind::Tcp)};
  TcpClient client = scene.client();
  client.send(proxy_header(0x20, 0x00, "") + test::sip_message("check"));
  REQUIRE(scene.wait_messages(1));
  CHECK(scene.messages[0].flow.remote == client.local());
}

TEST_CASE("a connection without a header, or with one that is none, is closed", "[transport][proxy-protocol][attack]") {
  TransportScene scene{behind_balancer(Kind::Tcp)};
  TcpClient client = scene.client();
  SECTION("nothing within the time of a handshake") {}
  SECTION("half a header") { client.send(proxy_header_of_client().substr(0, 20)); }
  SECTION("a message at once") { client.send(test::sip_message("hello")); }
  SECTION("version 1") { client.send("PROXY TCP4 192.0.2.7 198.51.100.1 40000 5060\r\n"); }
  CHECK(client.wait_closed());
  CHECK(scene.messages.empty());
  CHECK(refused(scene) == 1);
}

TEST_CASE("nobody but a listed load balancer says who he is", "[transport][proxy-protocol][attack]") {
  TransportScene scene{behind_balancer(Kind::Tcp, "192.0.2.0/24")};
  TcpClient client = scene.client();
  client.send(proxy_header_of_client() + test::sip_message("hello"));
  CHECK(client.wait_closed());
  CHECK(scene.messages.empty());
  CHECK(refused(scene) == 1);
}

TEST_CASE("clients of one balancer count as the sources they are", "[transport][proxy-protocol][attack]") {
  Settings settings = behind_balancer(Kind::Tcp);
  settings.limits.max_connections_per_source = 1;
  TransportScene scene{settings};
  TcpClient first = scene.client();
  TcpClient second = scene.client();
  TcpClient other = scene.client();
  first.send(proxy_header_of_client() + test::sip_message("first"));
  REQUIRE(scene.wait_messages(1));
  second.send(proxy_header_of_client());
  CHECK(second.wait_closed());
  other.send(proxy_header(0x21, 0x11, {"\xC0\x00\x02\x08\xC6\x33\x64\x01\x9C\x40\x13\xC4", 12}) +
             test::sip_message("other"));
  CHECK(scene.wait_messages(2));
}
