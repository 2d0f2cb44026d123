#include "proxy/transport/transport_layer.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <string>

#include "proxy/transport/sockets.h"
#include "tests/support/transport_scene.h"
#include "tests/support/ws_frames.h"

using namespace proxy::transport;
using namespace std::chrono_literals;
using test::sip_message;
using test::TcpClient;
using test::TransportScene;

namespace {

Settings one(Kind kind, Limits limits = {}) {
  Settings settings;
  settings.listeners = {test::listener(kind)};
  settings.limits = limits;
  return settings;
}

Limits with(common::Duration Limits::* member, common::Duration value) {
  Limits limits;
  limits.*member = value;
  return limits;
}

std::uint64_t closed_for(const TransportScene& scene, CloseReason reason) {
  return scene.layer->stats().closed[static_cast<std::size_t>(reason)];
}
std::uint64_t refused_for(const TransportScene& scene, Refusal reason) {
  return scene.layer->stats().refused[static_cast<std::size_t>(reason)];
}

/// A free port of this machine on which nobody listens.
common::SocketAddress dead_address(bool udp) {
  const common::SocketAddress any = *common::SocketAddress::parse("127.0.0.1:0");
  const auto fd = udp ? bind_udp(any) : listen_tcp(any);
  REQUIRE(fd);
  return local_address(fd->get());
}

}  // namespace

TEST_CASE("datagrams of both address families come in and are answered on their flow", "[transport][udp]") {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    Settings settings;
    settings.listeners = {test::listener(Kind::Udp, ip)};
    TransportScene server{settings};
    TransportScene client{settings};
    client.layer->send_to({.kind = Kind::Udp, .remote = server.address(), .listener = {}, .tls_name = {}},
                          sip_message("hello"), 1);
    REQUIRE(server.wait_messages(1));
    CHECK(server.messages[0].bytes == sip_message("hello"));
    CHECK(server.messages[0].flow.remote == client.address());
    CHECK(server.messages[0].flow.local == server.address());
    server.layer->send(server.messages[0].flow, sip_message("answer"), 2);
    REQUIRE(client.wait_messages(1));
    CHECK(client.messages[0].bytes == sip_message("answer"));
    CHECK(client.failed.empty());
  }
}

TEST_CASE("a datagram on a wildcard address is answered from the address it was sent to", "[transport][udp]") {
  Settings settings;
  settings.listeners = {test::listener(Kind::Udp, "0.0.0.0")};
  TransportScene server{settings};
  TransportScene client{one(Kind::Udp)};
  const common::SocketAddress target{*common::IpAddress::parse("127.0.0.5"), server.address().port};
  client.layer->send_to({.kind = Kind::Udp, .remote = target, .listener = {}, .tls_name = {}}, sip_message(), 1);
  REQUIRE(server.wait_messages(1));
  CHECK(server.messages[0].flow.local == target);
  server.layer->send(server.messages[0].flow, sip_message(), 2);
  REQUIRE(client.wait_messages(1));
  CHECK(client.messages[0].flow.remote == target);
}

TEST_CASE("ICMP tells at once that a datagram's destination is dead", "[transport][udp]") {
  TransportScene scene{one(Kind::Udp)};
  const Destination dead{.kind = Kind::Udp, .remote = dead_address(true), .listener = {}, .tls_name = {}};
  scene.inside_call = true;
  scene.layer->send_to(dead, sip_message(), 7);
  scene.layer->send_to(dead, sip_message(), 8);
  scene.inside_call = false;
  REQUIRE(scene.wait([&] { return scene.failed.size() == 2; }));
  CHECK(scene.failed[0] == std::pair{std::uint64_t{7}, SendError::Unreachable});
  CHECK(scene.failed[1] == std::pair{std::uint64_t{8}, SendError::Unreachable});
  CHECK_FALSE(scene.told_inside_call);
}

TEST_CASE("a dead destination does not disturb datagrams to another", "[transport][udp]") {
  TransportScene scene{one(Kind::Udp)};
  TransportScene peer{one(Kind::Udp)};
  const common::SocketAddress dead = dead_address(true);
  for (std::uint64_t i = 0; i < 10; ++i) {
    scene.layer->send_to({.kind = Kind::Udp, .remote = dead, .listener = {}, .tls_name = {}}, sip_message(), 100 + i);
    scene.layer->send_to({.kind = Kind::Udp, .remote = peer.address(), .listener = {}, .tls_name = {}}, sip_message(),
                         1 + i);
  }
  CHECK(peer.wait_messages(10));
  REQUIRE(scene.wait([&] { return scene.failed.size() >= 1; }));
  for (const auto& [key, error] : scene.failed) CHECK(key >= 100);
}

TEST_CASE("a datagram beyond 64 KiB and an unsuitable family are reported", "[transport][udp]") {
  TransportScene scene{one(Kind::Udp)};
  TransportScene peer{one(Kind::Udp)};
  scene.layer->send_to({.kind = Kind::Udp, .remote = peer.address(), .listener = {}, .tls_name = {}},
                       std::string(65'530, 'x'), 1);
  scene.layer->send_to(
      {.kind = Kind::Udp, .remote = *common::SocketAddress::parse("[::1]:5060"), .listener = {}, .tls_name = {}},
      sip_message(), 2);
  REQUIRE(scene.wait([&] { return scene.failed.size() == 2; }));
  CHECK(scene.failed[0].second == SendError::TooLarge);
  CHECK(scene.failed[1].second == SendError::Unreachable);
  scene.layer->send_to({.kind = Kind::Udp, .remote = peer.address(), .listener = {}, .tls_name = {}},
                       sip_message(std::string(60'000, 'x')), 3);
  REQUIRE(peer.wait_messages(1));
  CHECK(peer.messages[0].bytes.size() > 60'000);
}

TEST_CASE("keep-alive datagrams are not messages", "[transport][udp]") {
  TransportScene server{one(Kind::Udp)};
  TransportScene client{one(Kind::Udp)};
  const Destination to{.kind = Kind::Udp, .remote = server.address(), .listener = {}, .tls_name = {}};
  client.layer->send_to(to, "\r\n\r\n", 0);
  client.layer->send_to(to, std::string(1, '\0'), 0);
  client.layer->send_to(to, sip_message(), 0);
  REQUIRE(server.wait_messages(1));
  CHECK(server.messages.size() == 1);
  CHECK(server.layer->stats().keepalives == 2);
}

TEST_CASE("two messages in one segment and one in many are the same to TCP's reader", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp)};
  TcpClient client = scene.client();
  client.send(sip_message("one") + sip_message("two"));
  REQUIRE(scene.wait_messages(2));
  for (const char c : sip_message("three")) client.send(std::string(1, c));
  REQUIRE(scene.wait_messages(3));
  CHECK(scene.messages[0].bytes == sip_message("one"));
  CHECK(scene.messages[1].bytes == sip_message("two"));
  CHECK(scene.messages[2].bytes == sip_message("three"));
  CHECK(scene.messages[2].flow.remote == client.local());
  scene.layer->send(scene.messages[2].flow, sip_message("back"), 1);
  CHECK(client.wait_for(sip_message("back")));
}

TEST_CASE("a double line end on TCP is answered with one", "[transport][tcp][rfc5626]") {
  TransportScene scene{one(Kind::Tcp)};
  TcpClient client = scene.client();
  client.send("\r\n\r\n");
  CHECK(client.wait([](const std::string& text) { return text == "\r\n"; }));
  CHECK(scene.layer->stats().keepalives == 1);
}

TEST_CASE("a peer that goes away is told once, with its flow", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp)};
  TcpClient client = scene.client();
  client.send(sip_message());
  REQUIRE(scene.wait_messages(1));
  const Flow flow = scene.messages[0].flow;
  client.close();
  REQUIRE(scene.wait([&] { return !scene.closed.empty(); }));
  CHECK(scene.closed == std::vector{std::pair{flow, CloseReason::PeerClosed}});
  scene.inside_call = true;
  scene.layer->send(flow, sip_message(), 9);
  scene.inside_call = false;
  REQUIRE(scene.wait([&] { return !scene.failed.empty(); }));
  CHECK(scene.failed[0] == std::pair{std::uint64_t{9}, SendError::ConnectionGone});
  CHECK_FALSE(scene.told_inside_call);
  CHECK(scene.closed.size() == 1);
}

TEST_CASE("garbage and oversize end a TCP connection as protocol errors", "[transport][tcp]") {
  Limits limits;
  limits.max_header = 1000;
  limits.max_message = 2000;
  TransportScene scene{one(Kind::Tcp, limits)};
  for (const std::string& bad :
       {std::string{"\x16\x03\x01garbage"}, "MESSAGE sip:a SIP/2.0\r\nX: " + std::string(1000, 'x'),
        std::string{"MESSAGE sip:a SIP/2.0\r\nl: 5000\r\n\r\n"}}) {
    TcpClient client = scene.client();
    client.send(bad);
    CHECK(client.wait_closed());
  }
  CHECK(closed_for(scene, CloseReason::ProtocolError) == 3);
  CHECK(scene.messages.empty());
}

TEST_CASE("a message that never ends is cut off", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp, with(&Limits::message, 50ms))};
  TcpClient client = scene.client();
  client.send("MESSAGE sip:a SIP/2.0\r\n");
  CHECK(client.wait_closed());
  CHECK(closed_for(scene, CloseReason::ProtocolError) == 1);
}

TEST_CASE("a silent TCP connection is closed as idle, a talking one is not", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp, with(&Limits::idle, 150ms))};
  TcpClient silent = scene.client();
  TcpClient talking = scene.client();
  for (int i = 0; i < 6; ++i) {
    talking.send("\r\n\r\n");
    scene.loop.run_until([] { return false; }, 50ms);
  }
  CHECK(silent.wait_closed());
  CHECK(scene.closed.size() == 1);
  CHECK(scene.closed[0].second == CloseReason::Idle);
  CHECK(scene.closed[0].first.remote == silent.local());
}

TEST_CASE("a reader that takes nothing is closed instead of filling memory", "[transport][tcp]") {
  Limits limits;
  limits.max_queued = 100'000;
  TransportScene scene{one(Kind::Tcp, limits)};
  TcpClient client = scene.client();
  client.send(sip_message());
  REQUIRE(scene.wait_messages(1));
  scene.inside_call = true;
  for (std::uint64_t key = 1; key <= 400; ++key)
    scene.layer->send(scene.messages[0].flow, sip_message(std::string(50'000, 'x')), key);
  scene.inside_call = false;
  REQUIRE(scene.wait([&] { return !scene.closed.empty(); }));
  CHECK(scene.closed[0].second == CloseReason::WriteTimeout);
  CHECK(scene.failed.size() > 1);
  CHECK_FALSE(scene.told_inside_call);
}

TEST_CASE("a reader that takes nothing for too long is closed", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp, with(&Limits::write, 100ms))};
  TcpClient client = scene.client();
  client.send(sip_message());
  REQUIRE(scene.wait_messages(1));
  const std::string large = sip_message(std::string(100'000, 'x'));
  for (std::uint64_t key = 1; scene.closed.empty() && key < 100; ++key) {
    scene.layer->send(scene.messages[0].flow, large, key);
    scene.loop.run_until([&] { return !scene.closed.empty(); }, 5ms);
  }
  CHECK(scene.wait([&] { return !scene.closed.empty(); }));
}

TEST_CASE("closing a connection first writes what is queued", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp)};
  TcpClient client = scene.client();
  client.send(sip_message());
  REQUIRE(scene.wait_messages(1));
  const Flow flow = scene.messages[0].flow;
  scene.layer->send(flow, sip_message(std::string(400'000, 'x')), 1);
  scene.inside_call = true;
  scene.layer->close(flow.connection);
  scene.layer->send(flow, sip_message(), 2);
  scene.inside_call = false;
  CHECK(client.wait_closed());
  CHECK(client.received().size() == sip_message(std::string(400'000, 'x')).size());
  client.close();
  REQUIRE(scene.wait([&] { return !scene.closed.empty(); }));
  CHECK(scene.closed[0].second == CloseReason::Shutdown);
  CHECK(scene.failed == std::vector{std::pair{std::uint64_t{2}, SendError::ConnectionGone}});
  CHECK_FALSE(scene.told_inside_call);
}

TEST_CASE("messages to one address share one connection, in order", "[transport][tcp]") {
  TransportScene server{one(Kind::Tcp)};
  TransportScene client{one(Kind::Tcp)};
  const Destination to{.kind = Kind::Tcp, .remote = server.address(), .listener = {}, .tls_name = {}};
  client.layer->send_to(to, sip_message("1"), 1);
  client.layer->send_to(to, sip_message("2"), 2);
  const auto both = [&](auto done) {
    for (int i = 0; i < 400 && !done(); ++i) {
      client.loop.run_until([] { return false; }, 1ms);
      server.loop.run_until([] { return false; }, 1ms);
    }
    return done();
  };
  REQUIRE(both([&] { return server.messages.size() == 2; }));
  client.layer->send_to(to, sip_message("3"), 3);
  REQUIRE(both([&] { return server.messages.size() == 3; }));
  CHECK(server.messages[1].bytes == sip_message("2"));
  CHECK(server.messages[0].flow == server.messages[2].flow);
  CHECK(client.layer->stats().connected[static_cast<std::size_t>(Kind::Tcp)] == 1);
  server.layer->send_to({.kind = Kind::Tcp, .remote = server.messages[0].flow.remote, .listener = {}, .tls_name = {}},
                        sip_message("back"), 4);
  REQUIRE(both([&] { return client.messages.size() == 1; }));
  CHECK(server.layer->stats().connected[static_cast<std::size_t>(Kind::Tcp)] == 0);
}

TEST_CASE("a refused connection fails every message that waited for it", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp)};
  const Destination dead{.kind = Kind::Tcp, .remote = dead_address(false), .listener = {}, .tls_name = {}};
  scene.inside_call = true;
  scene.layer->send_to(dead, sip_message(), 1);
  scene.layer->send_to(dead, sip_message(), 2);
  scene.inside_call = false;
  REQUIRE(scene.wait([&] { return scene.failed.size() == 2; }));
  CHECK(scene.failed[0] == std::pair{std::uint64_t{1}, SendError::Unreachable});
  CHECK(scene.failed[1] == std::pair{std::uint64_t{2}, SendError::Unreachable});
  CHECK(scene.closed.empty());
  CHECK_FALSE(scene.told_inside_call);
}

TEST_CASE("limits on connections hold overall and for each source", "[transport][tcp]") {
  Limits limits;
  limits.max_connections_per_source = 2;
  TransportScene scene{one(Kind::Tcp, limits)};
  TcpClient first = scene.client();
  TcpClient second = scene.client();
  TcpClient third = scene.client();
  CHECK(third.wait_closed());
  CHECK(refused_for(scene, Refusal::TooManyFromSource) == 1);
  first.close();
  REQUIRE(scene.wait([&] { return scene.closed.size() == 1; }));
  TcpClient fourth = scene.client();
  fourth.send(sip_message());
  CHECK(scene.wait_messages(1));
}

TEST_CASE("a callback may close its own flow and send on it", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp)};
  TcpClient client = scene.client();
  scene.on_message = [&](const TransportScene::Message& message) {
    scene.layer->send(message.flow, sip_message("bye"), 1);
    scene.layer->close(message.flow.connection);
  };
  client.send(sip_message("1") + sip_message("2"));
  CHECK(client.wait_closed());
  CHECK(client.received() == sip_message("bye"));
  CHECK(scene.messages.size() == 1);
}

TEST_CASE("shutdown tells the end of every connection", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp)};
  TcpClient first = scene.client();
  TcpClient second = scene.client();
  REQUIRE(scene.wait([&] { return scene.layer->stats().open[static_cast<std::size_t>(Kind::Tcp)] == 2; }));
  scene.inside_call = true;
  scene.layer->shutdown();
  scene.inside_call = false;
  CHECK(first.wait_closed());
  CHECK(second.wait_closed());
  CHECK(scene.wait([&] { return scene.closed.size() == 2; }));
  CHECK(closed_for(scene, CloseReason::Shutdown) == 2);
  CHECK_FALSE(scene.told_inside_call);
}

TEST_CASE("listeners that cannot be opened are all named", "[transport]") {
  TransportScene scene{one(Kind::Tcp)};
  Settings settings;
  settings.listeners = {test::listener(Kind::Tcp), test::listener(Kind::Wss)};
  settings.listeners[0].bind = scene.address();
  settings.listeners[1].tls.certificate = "none.pem";
  const auto opened = TransportLayer::open(scene.loop, settings, {});
  REQUIRE_FALSE(opened);
  REQUIRE(opened.error().size() == 2);
  CHECK(opened.error()[0].find(scene.address().to_string()) != std::string::npos);
  CHECK(opened.error()[1].find("none.pem") != std::string::npos);
}

TEST_CASE("reloaded certificates are for new connections and take nothing from those that are open",
          "[transport][tls]") {
  const test::TempDir dir;
  const test::TestCa old_ca;
  const test::TestCa new_ca;
  const auto server_with = [](const test::PemFiles& files) {
    Settings settings = one(Kind::Tls);
    settings.listeners[0].tls = {files.certificate, files.key, {}};
    return settings;
  };
  const auto client_of = [](const std::string& ca) {
    Settings settings = one(Kind::Udp);
    settings.client_tls.ca = ca;
    return settings;
  };
  TransportScene server{server_with(old_ca.issue(dir, "old", "old", {"IP:127.0.0.1"}))};
  TransportScene early{client_of(old_ca.write(dir, "old_ca.pem"))};
  const Destination to{.kind = Kind::Tls, .remote = server.address(), .listener = {}, .tls_name = {}};
  const auto reaches = [&](TransportScene& client) {
    const std::size_t before = server.messages.size();
    client.layer->send_to(to, sip_message(), 7);
    REQUIRE(client.wait([&] {
      server.loop.run_until([] { return false; }, 1ms);
      return server.messages.size() > before || !client.failed.empty();
    }));
    return client.failed.empty();
  };
  REQUIRE(reaches(early));

  const Settings next = server_with(new_ca.issue(dir, "new", "new", {"IP:127.0.0.1"}));
  REQUIRE(server.layer->reload_certificates(next).empty());
  CHECK(reaches(early));
  CHECK(server.layer->stats().accepted[static_cast<std::size_t>(Kind::Tls)] == 1);
  TransportScene late{client_of(new_ca.write(dir, "new_ca.pem"))};
  CHECK(reaches(late));
  TransportScene too_late{client_of(dir.file("old_ca.pem"))};
  CHECK_FALSE(reaches(too_late));

  Settings broken = next;
  broken.listeners[0].tls.certificate = dir.file("none.pem");
  const auto problems = server.layer->reload_certificates(broken);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("none.pem") != std::string::npos);
  TransportScene later{client_of(dir.file("new_ca.pem"))};
  CHECK(reaches(later));
}

TEST_CASE("out of descriptors, accepting rests and goes on later", "[transport][tcp]") {
  TransportScene scene{one(Kind::Tcp)};
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  TcpClient client = scene.client();
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const bool rested = scene.wait([&] { return refused_for(scene, Refusal::OutOfDescriptors) > 0; });
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(rested);
  CHECK(refused_for(scene, Refusal::OutOfDescriptors) <= 2);
  client.send(sip_message());
  CHECK(scene.wait_messages(1));
}

TEST_CASE("the advertised address falls back to the bound one part by part", "[transport]") {
  Settings settings;
  settings.listeners = {test::listener(Kind::Udp), test::listener(Kind::Udp)};
  settings.listeners[1].advertised.ip = *common::IpAddress::parse("192.0.2.1");
  const TransportScene scene{settings};
  CHECK(scene.layer->advertised(ListenerId{0}) == scene.address(0));
  CHECK(scene.layer->advertised(ListenerId{1}).ip == *common::IpAddress::parse("192.0.2.1"));
  CHECK(scene.layer->advertised(ListenerId{1}).port == scene.address(1).port);
}
