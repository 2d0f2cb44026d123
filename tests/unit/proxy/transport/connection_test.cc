#include "proxy/transport/connection.h"

#include <sys/socket.h>

#include <array>
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
using test::ws_frame;

namespace {

constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kMore = 0x0;
constexpr std::uint8_t kPong = 0xa;
constexpr std::string_view kPing{"\x89\x00", 2};
constexpr std::string_view kGoingAway{"\x88\x02\x03\xe9", 4};

Settings web(Limits limits = {}, const std::string& root = {}) {
  Settings settings;
  settings.listeners = {test::listener(Kind::Ws)};
  settings.listeners[0].origins = {"https://phone.example"};
  settings.listeners[0].web_root = root;
  settings.limits = limits;
  return settings;
}

Limits with(common::Duration Limits::* member, common::Duration value) {
  Limits limits;
  limits.*member = value;
  return limits;
}

std::string get(const std::string& target, const std::string& fields = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: proxy.example\r\n" + fields + "\r\n";
}

TcpClient upgraded(TransportScene& scene) {
  TcpClient browser = scene.client();
  browser.send(test::ws_upgrade_request());
  REQUIRE(browser.wait_for("\r\n\r\n"));
  CHECK(browser.take().starts_with("HTTP/1.1 101 "));
  return browser;
}

std::uint64_t closed_for(const TransportScene& scene, CloseReason reason) {
  return scene.layer->stats().closed[static_cast<std::size_t>(reason)];
}
std::uint64_t refused_for(const TransportScene& scene, Refusal reason) {
  return scene.layer->stats().refused[static_cast<std::size_t>(reason)];
}

Settings tcp(Limits limits) {
  Settings settings;
  settings.listeners = {test::listener(Kind::Tcp)};
  settings.limits = limits;
  return settings;
}

/// Lets the loop turn for a while and says how often it did.
int turns(TransportScene& scene, common::Duration duration) {
  int count = 0;
  scene.loop.run_until([&] { return ++count, false; }, duration);
  return count;
}

std::size_t occurrences(const std::string& text, std::string_view piece) {
  std::size_t count = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a browser's upgrade opens a connection that carries messages both ways", "[transport][ws][rfc7118]") {
  TransportScene scene{web()};
  TcpClient browser = upgraded(scene);
  browser.send(ws_frame(kText, sip_message("hello")));
  REQUIRE(scene.wait_messages(1));
  CHECK(scene.messages[0].bytes == sip_message("hello"));
  CHECK(scene.messages[0].flow.kind == Kind::Ws);
  scene.layer->send(scene.messages[0].flow, sip_message("x"), 1);
  CHECK(browser.wait_for(sip_message("x")));
  browser.send(ws_frame(kText, "\r\n\r\n"));
  CHECK(browser.wait_for("\x81\x02\r\n"));
  CHECK(scene.layer->stats().keepalives == 1);
}

TEST_CASE("frames that overtake the answer to their upgrade are read", "[transport][ws]") {
  TransportScene scene{web()};
  TcpClient browser = scene.client();
  browser.send(test::ws_upgrade_request() + ws_frame(kText, sip_message("early")));
  REQUIRE(scene.wait_messages(1));
  CHECK(scene.messages[0].bytes == sip_message("early"));
}

TEST_CASE("one connection serves large files one after another, then upgrades", "[transport][ws]") {
  const test::TempDir dir;
  const std::string large(5'000'000, 'x');
  dir.write("large.txt", large);
  Limits limits;
  limits.max_queued = 100'000;
  TransportScene scene{web(limits, dir.path())};
  TcpClient browser = scene.client();
  browser.send(get("/large.txt") + get("/none.txt") + get("/large.txt") + test::ws_upgrade_request());
  REQUIRE(browser.wait_for("HTTP/1.1 101 "));
  CHECK(occurrences(browser.received(), "HTTP/1.1 200 ") == 2);
  CHECK(occurrences(browser.received(), "HTTP/1.1 404 ") == 1);
  CHECK(browser.received().size() > 2 * large.size());
  CHECK(scene.layer->stats().static_files == 3);
  browser.send(ws_frame(kText, sip_message()));
  CHECK(scene.wait_messages(1));
}

TEST_CASE("a connection that shall not be kept ends after its whole answer", "[transport][ws]") {
  const test::TempDir dir;
  const std::string large(1'000'000, 'x');
  dir.write("large.txt", large);
  TransportScene scene{web({}, dir.path())};
  for (const char* target : {"/large.txt", "/none.txt"}) {
    TcpClient browser = scene.client();
    browser.send(get(target, "Connection: close\r\n") + get("/large.txt"));
    CHECK(browser.wait_closed());
    CHECK(occurrences(browser.received(), "HTTP/1.1 ") == 1);
    CHECK(browser.received().ends_with(target == std::string{"/large.txt"} ? large : "no such page\n"));
  }
  CHECK(scene.closed.empty());
}

TEST_CASE("an upgrade that is refused is answered and ends the connection", "[transport][ws]") {
  TransportScene scene{web()};
  const auto answer_to = [&](const std::string& request) {
    TcpClient browser = scene.client();
    browser.send(request + get("/"));
    CHECK(browser.wait_closed());
    return browser.take().substr(0, 13);
  };
  CHECK(answer_to(test::ws_upgrade_request("Origin: https://evil.example\r\n")) == "HTTP/1.1 403 ");
  CHECK(answer_to(get("/ws")) == "HTTP/1.1 426 ");
  CHECK(answer_to("\x16\x03\x01") == "HTTP/1.1 400 ");
  CHECK(answer_to("GET /" + std::string(17'000, 'x')) == "HTTP/1.1 431 ");
  CHECK(answer_to("POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody") == "HTTP/1.1 413 ");
  CHECK(refused_for(scene, Refusal::Origin) == 1);
  CHECK(refused_for(scene, Refusal::WebSocketHandshake) == 4);
  CHECK(scene.closed.empty());
}

TEST_CASE("who asks for nothing is turned away, who had a file just leaves", "[transport][ws]") {
  TransportScene scene{web(with(&Limits::handshake, 50ms))};
  TcpClient silent = scene.client();
  CHECK(silent.wait_closed());
  CHECK(refused_for(scene, Refusal::HandshakeTimeout) == 1);
  TcpClient reader = scene.client();
  reader.send(get("/"));
  CHECK(reader.wait_closed());
  CHECK(refused_for(scene, Refusal::HandshakeTimeout) == 1);
  CHECK(scene.layer->stats().static_files == 1);
}

TEST_CASE("each request for a file gives as much time again", "[transport][ws]") {
  TransportScene scene{web(with(&Limits::handshake, 400ms))};
  TcpClient reader = scene.client();
  for (int request = 0; request < 4; ++request) {
    reader.send(get("/"));
    REQUIRE(reader.wait_for("no such page\n"));
    reader.take();
    turns(scene, 150ms);
  }
}

TEST_CASE("while a file waits for its reader, nothing is read and nobody is busy", "[transport][ws]") {
  const test::TempDir dir;
  dir.write("large.txt", std::string(8'000'000, 'x'));
  TransportScene scene{web({}, dir.path())};
  TcpClient browser = scene.client();
  std::string requests = get("/large.txt");
  while (requests.size() < 60'000) requests += get("/none.txt");
  browser.send(requests);
  const Stats& stats = scene.layer->stats();
  REQUIRE(scene.wait([&] { return stats.sent_bytes[static_cast<std::size_t>(Kind::Ws)] > 0; }));
  turns(scene, 50ms);
  CHECK(turns(scene, 50ms) < 20);
  CHECK(stats.received_bytes[static_cast<std::size_t>(Kind::Ws)] < 20'000);
  REQUIRE(browser.wait_for("HTTP/1.1 404 "));
}

TEST_CASE("a slow reader gets its whole file", "[transport][ws]") {
  const test::TempDir dir;
  dir.write("large.txt", std::string(8'000'000, 'x'));
  TransportScene scene{web(with(&Limits::write, 400ms), dir.path())};
  TcpClient browser = scene.client();
  const int small = 65536;
  REQUIRE(::setsockopt(browser.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)) == 0);
  browser.send(get("/large.txt"));
  std::array<char, 65536> taken{};
  const auto sent = [&] { return scene.layer->stats().sent_bytes[static_cast<std::size_t>(Kind::Ws)]; };
  const auto begin = common::event::read_clock();
  while (sent() < 8'000'000 && common::event::read_clock() - begin < 10s) {
    turns(scene, 10ms);
    if (::recv(browser.fd(), taken.data(), taken.size(), MSG_DONTWAIT) == 0) break;
  }
  CHECK(sent() > 8'000'000);
  CHECK(common::event::read_clock() - begin > 400ms);
}

TEST_CASE("a reader of a file that takes nothing is closed", "[transport][ws]") {
  const test::TempDir dir;
  dir.write("large.txt", std::string(8'000'000, 'x'));
  TransportScene scene{web(with(&Limits::write, 100ms), dir.path())};
  TcpClient browser = scene.client();
  browser.send(get("/large.txt"));
  CHECK(scene.wait([&] { return scene.layer->stats().open[static_cast<std::size_t>(Kind::Ws)] == 1; }));
  CHECK(scene.wait([&] { return scene.layer->stats().open[static_cast<std::size_t>(Kind::Ws)] == 0; }));
  CHECK(scene.layer->stats().sent_bytes[static_cast<std::size_t>(Kind::Ws)] < 8'000'000);
}

TEST_CASE("a browser that answers pings stays, one that does not is closed", "[transport][ws]") {
  Limits limits;
  limits.ping_interval = 100ms;
  limits.pong = 200ms;
  TransportScene scene{web(limits)};
  TcpClient alive = upgraded(scene);
  TcpClient dead = upgraded(scene);
  for (int beat = 0; beat < 4; ++beat) {
    REQUIRE(alive.wait_for(kPing));
    alive.take();
    alive.send(ws_frame(kPong, {}));
  }
  CHECK(dead.wait_closed());
  REQUIRE(scene.closed.size() == 1);
  CHECK(scene.closed[0].second == CloseReason::PingTimeout);
  CHECK(scene.closed[0].first.remote == dead.local());
}

TEST_CASE("a WebSocket message whose fragments stop coming is cut off", "[transport][ws]") {
  TransportScene scene{web(with(&Limits::message, 50ms))};
  TcpClient whole = upgraded(scene);
  whole.send(ws_frame(kText, "MESSAGE ", false) + ws_frame(kMore, "sip:a SIP/2.0\r\n\r\n"));
  REQUIRE(scene.wait_messages(1));
  TcpClient part = upgraded(scene);
  part.send(ws_frame(kText, "MESSAGE ", false));
  CHECK(part.wait_closed());
  CHECK(closed_for(scene, CloseReason::ProtocolError) == 1);
  CHECK(scene.closed.size() == 1);
}

TEST_CASE("a WebSocket is closed with the code for going away", "[transport][ws][rfc6455]") {
  TransportScene scene{web()};
  TcpClient browser = upgraded(scene);
  browser.send(ws_frame(kText, sip_message()));
  REQUIRE(scene.wait_messages(1));
  scene.layer->close(scene.messages[0].flow.connection);
  CHECK(browser.wait_closed());
  CHECK(browser.received() == kGoingAway);
  browser.close();
  REQUIRE(scene.wait([&] { return !scene.closed.empty(); }));
  CHECK(scene.closed[0].second == CloseReason::Shutdown);
}

TEST_CASE("messages that overlap have their time one by one", "[transport][tcp]") {
  TransportScene scene{tcp(with(&Limits::message, 400ms))};
  TcpClient client = scene.client();
  const std::string message = sip_message();
  const std::string begin = message.substr(0, 20);
  client.send(begin);
  for (std::size_t count = 1; count <= 4; ++count) {
    turns(scene, 150ms);
    client.send(message.substr(20) + begin);
    REQUIRE(scene.wait_messages(count));
  }
  CHECK(scene.closed.empty());
}

TEST_CASE("messages that nobody takes end their connection", "[transport][tcp]") {
  Limits limits;
  limits.write = 100ms;
  limits.max_queued = std::size_t{64} << 20;
  TransportScene scene{tcp(limits)};
  TcpClient client = scene.client();
  client.send(sip_message());
  REQUIRE(scene.wait_messages(1));
  scene.layer->send(scene.messages[0].flow, sip_message(std::string(16'000'000, 'x')), 1);
  REQUIRE(scene.wait([&] { return !scene.closed.empty(); }));
  CHECK(scene.closed[0].second == CloseReason::WriteTimeout);
  CHECK(scene.failed == std::vector{std::pair{std::uint64_t{1}, SendError::ConnectionGone}});
}

TEST_CASE("a peer that ignores our goodbye is left after a moment", "[transport][tcp]") {
  TransportScene scene{tcp({})};
  TcpClient client = scene.client();
  client.send(sip_message());
  REQUIRE(scene.wait_messages(1));
  scene.layer->close(scene.messages[0].flow.connection);
  CHECK(client.wait_closed());
  CHECK(scene.closed.empty());
  CHECK(scene.loop.run_until([&] { return !scene.closed.empty(); }, 4s));
}

TEST_CASE("a browser that says goodbye or breaks the protocol is answered and told apart", "[transport][ws]") {
  TransportScene scene{web()};
  for (const std::string& last : {ws_frame(0x8, std::string{"\x03\xe8", 2}), std::string{"\x81\x05Hello"}}) {
    TcpClient browser = upgraded(scene);
    browser.send(last);
    CHECK(browser.wait_closed());
    CHECK(browser.received().starts_with('\x88'));
  }
  REQUIRE(scene.wait([&] { return scene.closed.size() == 2; }));
  CHECK(scene.closed[0].second == CloseReason::PeerClosed);
  CHECK(scene.closed[1].second == CloseReason::ProtocolError);
}

TEST_CASE("garbage instead of a TLS handshake is refused and counted", "[transport][tls]") {
  const test::TempDir dir;
  const test::TestCa ca;
  const test::PemFiles files = ca.issue(dir, "proxy", "proxy", {"IP:127.0.0.1"});
  Settings settings;
  settings.listeners = {test::listener(Kind::Tls)};
  settings.listeners[0].tls = {files.certificate, files.key, {}};
  TransportScene scene{settings};
  TcpClient client = scene.client();
  client.send("INVITE sip:bob@example SIP/2.0\r\n\r\n");
  CHECK(client.wait_closed());
  CHECK(refused_for(scene, Refusal::TlsHandshake) == 1);
  CHECK(scene.closed.empty());
}

TEST_CASE("a trunk whose certificate names somebody else gets no message", "[transport][tls][rfc5922]") {
  const test::TempDir dir;
  const test::TestCa ca;
  const test::PemFiles files = ca.issue(dir, "trunk", "trunk", {"DNS:trunk.example"});
  Settings settings;
  settings.listeners = {test::listener(Kind::Tls)};
  settings.listeners[0].tls = {files.certificate, files.key, {}};
  settings.client_tls.ca = ca.write(dir, "ca");
  TransportScene scene{settings};
  const auto to = [&](const std::string& name) {
    return Destination{.kind = Kind::Tls, .remote = scene.address(), .listener = {}, .tls_name = name};
  };
  scene.layer->send_to(to("other.example"), sip_message("lost"), 1);
  REQUIRE(scene.wait([&] { return !scene.failed.empty(); }));
  CHECK(scene.failed[0] == std::pair{std::uint64_t{1}, SendError::TlsIdentity});
  scene.layer->send_to(to("trunk.example"), sip_message("sent"), 2);
  REQUIRE(scene.wait_messages(1));
  CHECK(scene.messages[0].bytes == sip_message("sent"));
}

TEST_CASE("a trunk whose certificate nobody vouches for gets no message", "[transport][tls]") {
  const test::TempDir dir;
  const test::TestCa ca;
  const test::PemFiles files = ca.issue(dir, "trunk", "trunk", {"DNS:trunk.example"});
  Settings settings;
  settings.listeners = {test::listener(Kind::Tls)};
  settings.listeners[0].tls = {files.certificate, files.key, {}};
  settings.client_tls.ca = test::TestCa{}.write(dir, "other_ca");
  TransportScene scene{settings};
  scene.layer->send_to({.kind = Kind::Tls, .remote = scene.address(), .listener = {}, .tls_name = "trunk.example"},
                       sip_message(), 1);
  REQUIRE(scene.wait([&] { return !scene.failed.empty(); }));
  CHECK(scene.failed[0] == std::pair{std::uint64_t{1}, SendError::TlsIdentity});
  CHECK(scene.messages.empty());
}

TEST_CASE("a peer that accepts and never shakes hands is given up in the time to connect", "[transport][tls]") {
  const auto deaf = listen_tcp(*common::SocketAddress::parse("127.0.0.1:0"));
  REQUIRE(deaf);
  Settings settings;
  settings.limits.connect = 50ms;
  TransportScene scene{settings};
  scene.layer->send_to(
      {.kind = Kind::Tls, .remote = local_address(deaf->get()), .listener = {}, .tls_name = "trunk.example"},
      sip_message(), 1);
  REQUIRE(scene.wait([&] { return !scene.failed.empty(); }));
  CHECK(scene.failed[0] == std::pair{std::uint64_t{1}, SendError::Unreachable});
  CHECK(refused_for(scene, Refusal::HandshakeTimeout) == 0);
  CHECK(scene.closed.empty());
}
