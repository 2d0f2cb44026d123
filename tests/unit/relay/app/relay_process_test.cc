#include "relay/app/relay_process.h"

#include <catch2/catch.hpp>

#include <optional>

#include "control-protocol/message/envelope.h"
#include "control-protocol/server/stream_framer.h"
#include "relay/negotiation/remote_media.h"
#include "relay/rtcp/packet_views.h"
#include "relay/rtp/packet_view.h"
#include "relay/rtp/packet_writer.h"
#include "relay/sdp/session_description.h"
#include "tests/support/socket_client.h"
#include "tests/support/udp_end.h"

using namespace relay;
using namespace std::chrono_literals;
using test::UdpEnd;

namespace {

/// Loopback addresses of this test's own.
const common::SocketAddress kAnyPort = *common::SocketAddress::parse("127.77.9.1:0");
constexpr auto kLimit = 10s;  // for what takes milliseconds on an idle machine

app::RelayConfig configuration(common::Duration drain_timeout) {
  app::RelayConfig config;
  config.relay.interfaces = {*control::Interface::parse("127.77.9.2")};
  config.relay.port_min = 42000;
  config.relay.port_max = 42199;
  config.relay.num_threads = 2;
  config.relay.drain_timeout = drain_timeout;
  config.ng.listen = kAnyPort;
  config.http.listen = kAnyPort;
  return config;
}

/// A phone on a socket of its own that speaks plain PCMU.
struct Phone {
  Phone(common::event::Loop& loop, std::uint32_t ssrc) : ssrc(ssrc), end(loop, kAnyPort), rtcp_end(loop, kAnyPort) {}

  std::string sdp() const {
    return "v=0\r\no=- 1 1 IN IP4 127.77.9.1\r\ns=-\r\nc=IN IP4 127.77.9.1\r\nt=0 0\r\nm=audio " +
           std::to_string(end.address().port.value) +
           " RTP/AVP 0\r\na=rtcp:" + std::to_string(rtcp_end.address().port.value) + "\r\n";
  }
  void take(const std::string& sdp) {
    const auto description = sdp::parse(sdp);
    REQUIRE(description);
    const auto remote = negotiation::read_remote_media(*description, 0);
    REQUIRE(remote.rtp);
    relay_address = *remote.rtp;
  }
  void talk() {
    packet::PacketBuffer packet;
    const std::uint16_t sequence = next_sequence++;
    REQUIRE(rtp::write_packet(packet, {0, false, sequence, 160u * sequence, {ssrc}}, common::Bytes(160, 0x55)));
    end.send({reinterpret_cast<const char*>(packet.data()), packet.size()}, relay_address);
  }
  std::size_t heard_of(std::uint32_t source) const {
    std::size_t count = 0;
    for (const std::string& datagram : end.heard()) {
      const auto view = rtp::PacketView::parse(common::as_bytes(datagram));
      if (view && view->ssrc().value == source) ++count;
    }
    return count;
  }

  /// RTCP BYE of this source has come.
  bool left_by(std::uint32_t source) const {
    for (const std::string& datagram : rtcp_end.heard()) {
      auto compound = rtcp::CompoundView::parse(common::as_bytes(datagram));
      for (auto part = compound ? compound->next() : std::nullopt; part; part = compound->next()) {
        const auto bye = rtcp::ByeView::from(*part);
        if (bye && bye->source_count() == 1 && bye->source(0).value == source) return true;
      }
    }
    return false;
  }

  std::uint32_t ssrc;
  std::uint16_t next_sequence = 1;
  UdpEnd end;
  UdpEnd rtcp_end;
  common::SocketAddress relay_address;
};

/// A relay with two shards and real sockets, its control loop turned by the test; the proxy that drives it over UDP.
struct Scene {
  explicit Scene(common::Duration drain_timeout = 60s)
      : proxy(loop, kAnyPort,
              [this](std::string_view bytes, const common::SocketAddress& source) { hear(bytes, source); }) {
    auto started = app::RelayProcess::start(loop, configuration(drain_timeout));
    if (!started) FAIL(started.error());
    relay = std::move(*started);
  }

  /// A reply to the proxy, or a teardown, which it takes.
  void hear(std::string_view bytes, const common::SocketAddress& source) {
    const auto envelope = ng::open_envelope(bytes);
    REQUIRE(envelope);
    auto dictionary = ng::decode(envelope->encoding, envelope->payload);
    REQUIRE(dictionary);
    if (!dictionary->contains("command")) {
      replies.emplace(envelope->cookie, std::move(*dictionary));
      return;
    }
    teardowns.push_back(std::move(*dictionary));
    proxy.send(ng::seal_envelope(envelope->cookie, ng::Encoding::Bencode, {{"result", "ok"}}), source);
  }

  ng::Dictionary ask(const ng::Dictionary& request) {
    const std::string cookie = "cookie" + std::to_string(++last_cookie);
    proxy.send(ng::seal_envelope(cookie, ng::Encoding::Bencode, request), relay->ng_address());
    REQUIRE(loop.run_until([&] { return replies.contains(cookie); }, kLimit));
    return replies.at(cookie);
  }

  /// Both phones in a call through the relay.
  void connect(std::string_view call_id, Phone& caller, Phone& callee) {
    ng::Dictionary request{{"command", "offer"},   {"call-id", call_id},
                           {"from-tag", "caller"}, {"sdp", caller.sdp()},
                           {"teardown", "sealed"}, {"teardown-to", ng::List{proxy.address().to_string()}}};
    callee.take(ask(request).at("sdp").as_text());
    request["command"] = "answer";
    request["to-tag"] = "callee";
    request["sdp"] = callee.sdp();
    caller.take(ask(request).at("sdp").as_text());
  }
  /// Both phones talk until each has heard `packets` of the other. Plans reach a shard a moment after the reply.
  bool converse(Phone& caller, Phone& callee, std::size_t packets) {
    const auto done = [&] {
      return caller.heard_of(callee.ssrc) >= packets && callee.heard_of(caller.ssrc) >= packets;
    };
    for (int i = 0; i < 500 && !done(); ++i) {
      caller.talk();
      callee.talk();
      loop.run_until(done, 20ms);
    }
    return done();
  }
  /// True if the relay stops the loop by itself.
  bool stops_within(common::Duration limit) {
    const common::Instant begin = common::event::read_clock();
    loop.run_until([] { return false; }, limit);
    return common::event::read_clock() - begin < limit;
  }

  common::event::Loop loop;
  std::map<std::string, ng::Dictionary, std::less<>> replies;
  std::vector<ng::Dictionary> teardowns;
  int last_cookie = 0;
  UdpEnd proxy;
  std::unique_ptr<app::RelayProcess> relay;
};

}  // namespace

TEST_CASE("two calls on two shards are heard both ways, described and deleted", "[relay][process]") {
  Scene scene;
  Phone alice(scene.loop, 0x11);
  Phone bob(scene.loop, 0x22);
  Phone carol(scene.loop, 0x33);
  Phone dave(scene.loop, 0x44);
  scene.connect("first", alice, bob);
  scene.connect("second", carol, dave);
  test::TcpClient http(scene.loop, scene.relay->http_address());
  http.send("GET /v1/sessions HTTP/1.1\r\nHost: relay\r\n\r\n");
  CHECK(http.wait_for("\"shard\":0"));
  CHECK(http.wait_for("\"shard\":1"));
  CHECK(scene.converse(alice, bob, 20));
  CHECK(scene.converse(carol, dave, 20));
  CHECK(alice.heard_of(carol.ssrc) + alice.heard_of(dave.ssrc) == 0);
  const auto heard_by_relay = [&](std::string_view call_id, std::string_view command) {
    const ng::Dictionary reply = scene.ask({{"command", command}, {"call-id", call_id}});
    REQUIRE(reply.at("result").as_text() == "ok");
    const auto& totals = *reply.at("totals").dictionary()->at("RTP").dictionary();
    return *totals.at("packets").integer();
  };
  const std::int64_t queried = heard_by_relay("first", "query");
  CHECK(queried >= 40);
  CHECK(heard_by_relay("first", "delete") == queried);
  CHECK(scene.ask({{"command", "query"}, {"call-id", "first"}}).at("error-reason").as_text() == "Unknown call-id");
  const std::size_t before = bob.heard_of(alice.ssrc);
  CHECK(scene.converse(carol, dave, 30));
  alice.talk();
  CHECK(scene.converse(carol, dave, 40));
  CHECK(bob.heard_of(alice.ssrc) == before);
}

TEST_CASE("two requests in one TCP segment get a reply each", "[relay][process]") {
  Scene scene;
  test::TcpClient client(scene.loop, scene.relay->ng_address());
  client.send(ng::seal_envelope("first", ng::Encoding::Bencode, {{"command", "ping"}}) +
              ng::seal_envelope("second", ng::Encoding::Json, {{"command", "list"}}));
  ng::StreamFramer framer;
  std::vector<std::string> messages;
  CHECK(client.wait([&](const std::string&) {
    framer.push(client.take());
    for (auto message = framer.next(); message && *message; message = framer.next()) messages.push_back(**message);
    return messages.size() >= 2;
  }));
  REQUIRE(messages.size() == 2);
  const auto result_of = [&](std::size_t index, std::string_view cookie) {
    const auto envelope = ng::open_envelope(messages[index]);
    REQUIRE(envelope);
    CHECK(envelope->cookie == cookie);
    return ng::decode(envelope->encoding, envelope->payload)->at("result").as_text();
  };
  CHECK(result_of(0, "first") == "pong");
  CHECK(result_of(1, "second") == "ok");
}

TEST_CASE("a drain that is over in time ends without a word to anybody", "[relay][process]") {
  Scene scene;
  Phone caller(scene.loop, 0x11);
  Phone callee(scene.loop, 0x22);
  scene.connect("call", caller, callee);
  scene.relay->drain();
  CHECK(scene.ask({{"command", "offer"}, {"call-id", "new"}, {"from-tag", "x"}, {"sdp", caller.sdp()}})
            .at("error-reason")
            .as_text() == "Parallel session limit reached");
  REQUIRE(scene.converse(caller, callee, 3));
  const auto begin = common::event::read_clock();
  scene.proxy.send(
      ng::seal_envelope("last", ng::Encoding::Bencode, {{"command", "delete"}, {"call-id", "call"}, {"from-tag", ""}}),
      scene.relay->ng_address());
  CHECK(scene.stops_within(kLimit));
  CHECK(common::event::read_clock() - begin < 5s);
  CHECK(scene.loop.run_until([&] { return scene.replies.contains("last"); }, kLimit));
  CHECK(scene.teardowns.empty());
}

TEST_CASE("what a drain leaves over is ended, and its proxy is told", "[relay][process]") {
  Scene scene(100ms);
  Phone caller(scene.loop, 0x11);
  Phone callee(scene.loop, 0x22);
  scene.connect("call", caller, callee);
  REQUIRE(scene.converse(caller, callee, 3));
  scene.relay->drain();
  CHECK(scene.stops_within(kLimit));
  CHECK(scene.loop.run_until([&] { return caller.left_by(callee.ssrc) && callee.left_by(caller.ssrc); }, kLimit));
  REQUIRE(scene.teardowns.size() == 1);
  CHECK(scene.teardowns[0].at("command").as_text() == "teardown");
  CHECK(scene.teardowns[0].at("teardown").as_text() == "sealed");
}

TEST_CASE("phones hear BYE even of a relay that is taken down without a word", "[relay][process]") {
  Scene scene;
  Phone caller(scene.loop, 0x11);
  Phone callee(scene.loop, 0x22);
  scene.connect("call", caller, callee);
  REQUIRE(scene.converse(caller, callee, 3));
  CHECK_FALSE(caller.left_by(callee.ssrc));
  scene.relay.reset();
  CHECK(scene.loop.run_until([&] { return caller.left_by(callee.ssrc) && callee.left_by(caller.ssrc); }, kLimit));
}

TEST_CASE("an interrupted relay does not wait long for an address of the proxy that is silent", "[relay][process]") {
  Scene scene;
  Phone caller(scene.loop, 0x11);
  Phone callee(scene.loop, 0x22);
  const UdpEnd silent(scene.loop, kAnyPort);
  scene.ask({{"command", "offer"},
             {"call-id", "call"},
             {"from-tag", "caller"},
             {"sdp", caller.sdp()},
             {"teardown", "sealed"},
             {"teardown-to", ng::List{silent.address().to_string(), scene.proxy.address().to_string()}}});
  const auto begin = common::event::read_clock();
  scene.relay->end();
  CHECK(scene.stops_within(kLimit));
  CHECK(common::event::read_clock() - begin < 5s);
  CHECK(scene.teardowns.size() == 1);  // the next address was asked in time
}
