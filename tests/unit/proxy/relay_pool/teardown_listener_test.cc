#include "proxy/relay_pool/teardown_listener.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>

#include "common/event/sockets.h"
#include "control-protocol/message/envelope.h"
#include "tests/support/fake_relay.h"

using namespace proxy::relay_pool;
using namespace std::chrono_literals;

namespace {

const common::IpAddress kRelay = common::IpAddress::v4({127, 0, 0, 1});
const common::IpAddress kStranger = common::IpAddress::v4({127, 0, 0, 2});

ng::Request teardown(const std::string& blob) {
  ng::Request request;
  request.command = ng::Command::Teardown;
  request.call_id = "call";
  request.teardown_blob = blob;
  request.reason = "media-timeout";
  return request;
}

struct Scene {
  common::event::Loop loop;
  std::vector<ng::Request> heard;
  std::unique_ptr<TeardownListener> listener;
  std::string received;  // the last datagram

  Scene() {
    const common::SocketAddress relay{kRelay, common::Port{2223}};  // its requests come from another port
    auto opened = TeardownListener::listen(loop, tests::kAnyLoopback, {relay},
                                           [this](const ng::Request& request, common::Instant) {
                                             heard.push_back(request);
                                             return request.teardown_blob == "known";
                                           });
    REQUIRE(opened.has_value());
    listener = std::move(*opened);
  }

  common::Fd socket(const common::IpAddress& ip) {
    return std::move(*common::event::bind_socket(SOCK_DGRAM, {ip, {}}));
  }

  void send(const common::Fd& from, std::string_view cookie, const ng::Request& request) {
    const auto message = ng::seal_envelope(cookie, ng::Encoding::Bencode, ng::write_request(request));
    REQUIRE(common::event::send_to(from.get(), message, listener->local()));
  }
  bool receive(const common::Fd& at) {
    received.clear();
    std::array<char, 65536> buffer;
    return loop.run_until(
        [&] {
          if (const auto datagram = common::event::receive_from(at.get(), buffer)) received = datagram->bytes;
          return !received.empty();
        },
        2s);
  }
  ng::Reply reply() const {
    const auto envelope = ng::open_envelope(received);
    REQUIRE(envelope);
    return ng::read_reply(ng::decode(envelope->encoding, envelope->payload).value());
  }
};

}  // namespace

TEST_CASE("A teardown that is known is accepted", "[proxy][relay_pool]") {
  Scene scene;
  const auto relay = scene.socket(kRelay);
  scene.send(relay, "1", teardown("known"));
  REQUIRE(scene.receive(relay));
  CHECK(scene.reply().outcome == ng::Outcome::Ok);
  REQUIRE(scene.heard.size() == 1);
  CHECK(scene.heard[0].call_id == "call");
  CHECK(scene.heard[0].reason == "media-timeout");
  CHECK(scene.listener->counters().accepted == 1);
}

TEST_CASE("A teardown that is not known is refused", "[proxy][relay_pool]") {
  Scene scene;
  const auto relay = scene.socket(kRelay);
  scene.send(relay, "1", teardown("forged"));
  REQUIRE(scene.receive(relay));
  CHECK(scene.reply().outcome == ng::Outcome::Error);
  CHECK(scene.reply().error_reason == "Unknown call or seal");
  CHECK(scene.listener->counters().refused == 1);
  CHECK(scene.listener->counters().accepted == 0);
}

TEST_CASE("A repeated teardown gets the same reply and runs once", "[proxy][relay_pool]") {
  Scene scene;
  const auto relay = scene.socket(kRelay);
  scene.send(relay, "1", teardown("known"));
  REQUIRE(scene.receive(relay));
  const std::string first = scene.received;
  scene.send(relay, "1", teardown("known"));
  REQUIRE(scene.receive(relay));
  CHECK(scene.received == first);
  CHECK(scene.heard.size() == 1);
  CHECK(scene.listener->server_counters().repeats == 1);

  scene.send(relay, "2", teardown("known"));
  REQUIRE(scene.receive(relay));
  CHECK(scene.heard.size() == 2);
}

TEST_CASE("A ping gets a pong, a command for relays is not recognized", "[proxy][relay_pool]") {
  Scene scene;
  const auto relay = scene.socket(kRelay);
  scene.send(relay, "1", ng::Request{});
  REQUIRE(scene.receive(relay));
  CHECK(scene.reply().outcome == ng::Outcome::Pong);

  ng::Request request = teardown("known");
  request.command = GENERATE(ng::Command::Delete, ng::Command::Query, ng::Command::List);
  scene.send(relay, "2", request);
  REQUIRE(scene.receive(relay));
  CHECK(scene.reply().outcome == ng::Outcome::Error);
  CHECK(scene.reply().error_reason == "Unrecognized command");
  CHECK(scene.heard.empty());
}

TEST_CASE("Strangers are not heard and get no reply", "[proxy][relay_pool]") {
  Scene scene;
  const auto stranger = scene.socket(kStranger);
  const auto relay = scene.socket(kRelay);
  scene.send(stranger, "1", teardown("known"));
  scene.send(relay, "2", teardown("known"));
  REQUIRE(scene.receive(relay));  // datagrams are read in their order: the stranger's was before
  CHECK(scene.heard.size() == 1);
  CHECK(scene.listener->counters().strangers == 1);
  std::array<char, 64> buffer;
  CHECK_FALSE(common::event::receive_from(stranger.get(), buffer));
}

TEST_CASE("A listener that cannot be bound names its address", "[proxy][relay_pool]") {
  Scene scene;
  const auto second = TeardownListener::listen(scene.loop, scene.listener->local(), {}, {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().find(scene.listener->local().to_string()) != std::string::npos);
}
