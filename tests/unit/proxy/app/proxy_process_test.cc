#include "proxy/app/proxy_process.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "common/event/sockets.h"
#include "proxy/auth/client.h"
#include "proxy/sip/message.h"
#include "tests/support/socket_client.h"
#include "tests/support/test_certificates.h"
#include "tests/support/udp_end.h"

using namespace proxy;
using namespace std::chrono_literals;
using sip::Message;

namespace {

/// Loopback addresses of this test's own.
const auto kAnyPort = *common::SocketAddress::parse("127.77.11.1:0");
const auto kCarrier = *common::SocketAddress::parse("127.77.11.2:0");

/// An address that was free a moment ago.
common::SocketAddress free_address() {
  return common::event::local_address(common::event::bind_socket(SOCK_DGRAM, kAnyPort).value().get());
}

/// A proxy on sockets of a loop that the test turns, with its files in a folder of its own.
struct Scene {
  test::TempDir dir;
  common::event::Loop loop;
  app::ProxyConfig config;
  std::unique_ptr<app::ProxyProcess> process;

  Scene() {
    config.proxy.domains = {"example.org"};
    config.proxy.secret_file = dir.file("proxy.secret");
    config.listeners.resize(1);
    config.listeners[0].address = free_address();
    config.admin.listen = kAnyPort;
    config.relay.control = {free_address()};  // nobody answers there
    config.relay.teardown_listen = free_address();
  }
  std::vector<std::string> start() {
    auto started = app::ProxyProcess::start(loop, config);
    if (!started) return started.error();
    process = std::move(*started);
    return {};
  }
  /// Body of an admin page, with its status in front.
  std::string page(const std::string& path) {
    test::TcpClient client{loop, *process->admin_address()};
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    REQUIRE(client.wait_closed());
    const std::string reply = client.take();
    return reply.substr(9, 4) + reply.substr(reply.find("\r\n\r\n") + 4);
  }
  Message request(std::string_view method, std::string_view uri, const test::UdpEnd& from) {
    Message request = Message::request(method, uri);
    request.append("Via",
                   "SIP/2.0/UDP " + from.address().to_string() + ";rport;branch=z9hG4bK" + std::to_string(++requests));
    request.append("Max-Forwards", "70");
    request.append("From", "<sip:+49@carrier.example>;tag=t");
    request.append("To", "<" + std::string{uri} + ">");
    request.append("Call-ID", "call-" + std::to_string(requests));
    request.append("CSeq", "1 " + std::string{method});
    request.append("Contact", "<sip:someone@" + from.address().to_string() + ">");
    return request;
  }
  void send(const test::UdpEnd& from, const Message& message) {
    from.send(message.to_string(), config.listeners[0].address);
  }
  /// The next message to this end that `wanted` is true for, from its message number `at` on.
  Message wait(const test::UdpEnd& end, std::size_t at, const std::function<bool(const Message&)>& wanted) {
    std::optional<Message> found;
    const auto look = [&] {
      for (; !found && at < end.heard().size(); ++at) {
        Message message = Message::parse(end.heard()[at]).value();
        if (wanted(message)) found = std::move(message);
      }
      return found.has_value();
    };
    REQUIRE(loop.run_until(look, 5s));
    return *found;
  }
  /// The final response to this request.
  Message ask(const test::UdpEnd& end, const Message& request) {
    const std::size_t before = end.heard().size();
    send(end, request);
    return wait(end, before, [](const Message& message) { return message.status() >= 200; });
  }
  int status_of(const test::UdpEnd& end, std::string_view method, std::string_view uri) {
    return ask(end, request(method, uri, end)).status();
  }
  /// Turns the loop until the process has stopped it; false after `limit`.
  bool stops_within(common::Duration limit) {
    bool too_late = false;
    common::event::Timer timer{loop, [&](common::Instant) {
                                 too_late = true;
                                 loop.stop();
                               }};
    timer.schedule(loop.now() + limit);
    loop.run();
    return !too_late;
  }

  unsigned requests = 0;
};

trunk::Trunk carrier() {
  trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = kCarrier.ip.to_string();
  return trunk;
}

bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("a proxy that has started answers on its listener and shows itself on its admin pages", "[proxy][process]") {
  Scene scene;
  REQUIRE(scene.start().empty());
  const test::UdpEnd phone{scene.loop, kAnyPort};
  CHECK(scene.status_of(phone, "OPTIONS", "sip:example.org") == 200);
  CHECK(scene.page("/healthz") == "200 ok\n");
  CHECK(scene.page("/readyz") == "200 degraded: no relay answers\n");
  CHECK(scene.page("/v1/registrations") == "200 {\"registrations\":[]}");
  CHECK(scene.page("/v1/trunks") == "200 {\"trunks\":[]}");
  CHECK(holds(scene.page("/metrics"), "# TYPE proxy_"));
  CHECK(scene.page("/nothing").starts_with("404 "));
}

TEST_CASE("without an admin listener there is no admin address", "[proxy][process]") {
  Scene scene;
  scene.config.admin.listen.reset();
  REQUIRE(scene.start().empty());
  CHECK_FALSE(scene.process->admin_address());
}

TEST_CASE("what keeps a proxy from starting is named by its key", "[proxy][process]") {
  Scene scene;
  const auto problem = [&] {
    const auto problems = scene.start();
    REQUIRE(problems.size() == 1);
    return problems[0];
  };
  SECTION("the secret") {
    scene.config.proxy.secret_file = "/nonexistent/x";
    CHECK(problem().starts_with("/nonexistent/x: cannot be made"));
  }
  SECTION("a listener") {
    const auto taken = common::event::bind_socket(SOCK_DGRAM, scene.config.listeners[0].address);
    CHECK(holds(problem(), scene.config.listeners[0].address.to_string()));
  }
  SECTION("the address for teardowns") {
    const auto taken = common::event::bind_socket(SOCK_DGRAM, *scene.config.relay.teardown_listen);
    CHECK(problem().starts_with("relay.teardown_listen: "));
  }
  SECTION("the admin listener") {
    const auto taken = common::event::bind_socket(SOCK_STREAM, kAnyPort);
    scene.config.admin.listen = common::event::local_address(taken->get());
    CHECK(problem().starts_with("admin.listen: "));
  }
}

TEST_CASE("a reload takes trunks over, or nothing at all", "[proxy][process]") {
  Scene scene;
  REQUIRE(scene.start().empty());
  const test::UdpEnd gateway{scene.loop, kCarrier};
  CHECK(scene.status_of(gateway, "MESSAGE", "sip:bob@example.org") == 407);
  app::ProxyConfig next = scene.config;
  next.trunks = {carrier()};
  SECTION("all") {
    CHECK(scene.process->reload(next).empty());
    CHECK(scene.status_of(gateway, "MESSAGE", "sip:bob@example.org") == 404);
    CHECK(holds(scene.page("/v1/trunks"), "\"name\":\"carrier\""));
  }
  SECTION("nothing, where the secret is gone") {
    next.proxy.secret_file = scene.dir.file("another.secret");
    const auto problems = scene.process->reload(next);
    REQUIRE(problems.size() == 1);
    CHECK(holds(problems[0], "another.secret"));
    CHECK(scene.status_of(gateway, "MESSAGE", "sip:bob@example.org") == 407);
  }
}

TEST_CASE("a proxy that has nothing to do stops as soon as it drains", "[proxy][process]") {
  Scene scene;
  REQUIRE(scene.start().empty());
  scene.process->drain();
  CHECK(scene.stops_within(5s));
}

TEST_CASE("a proxy that drains goes on until its call is decided, and is not ready meanwhile", "[proxy][process]") {
  Scene scene;
  scene.config.trunks = {carrier()};
  scene.config.users = {{.name = "alice", .password = "secret", .ha1_md5 = {}, .ha1_sha256 = {}}};
  REQUIRE(scene.start().empty());
  const test::UdpEnd phone{scene.loop, kAnyPort};
  const test::UdpEnd gateway{scene.loop, kCarrier};
  Message registration = scene.request("REGISTER", "sip:example.org", phone);
  registration.set("To", "<sip:alice@example.org>");
  common::crypto::SeededRandom random{1};
  const auto credentials = auth::answer_challenge(scene.ask(phone, registration).all("WWW-Authenticate"), "REGISTER",
                                                  "sip:example.org", {"alice", "secret", {}}, random);
  registration.append("Authorization", credentials.value());
  registration.set_cseq(2);
  registration.replace_at("Via", 0, "SIP/2.0/UDP " + phone.address().to_string() + ";rport;branch=z9hG4bKagain");
  REQUIRE(scene.ask(phone, registration).status() == 200);

  const Message call = scene.request("INVITE", "sip:alice@example.org", gateway);
  const std::size_t before = phone.heard().size();
  scene.send(gateway, call);
  const Message rung = scene.wait(phone, before, [](const Message& message) { return message.is("INVITE"); });
  scene.process->drain();
  CHECK_FALSE(scene.stops_within(300ms));
  CHECK(scene.page("/readyz") == "503 draining\n");
  Message answer = Message::response_to(rung, 200, "OK", "callee");
  answer.append("Contact", rung.request_uri());
  scene.send(phone, answer);
  scene.wait(gateway, 0, [](const Message& message) { return message.status() == 200; });
  CHECK(scene.stops_within(5s));
}
