#include "relay/control/call_directory.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "common/time/manual_clock.h"
#include "relay/dtls/certificate.h"
#include "relay/negotiation/remote_media.h"

using namespace relay;
using namespace relay::control;
using namespace std::chrono_literals;

namespace {

std::string audio_sdp(std::string_view address, int port, std::string_view direction = "sendrecv") {
  return "v=0\r\no=- 1 1 IN IP4 " + std::string(address) + "\r\ns=-\r\nc=IN IP4 " + std::string(address) +
         "\r\nt=0 0\r\nm=audio " + std::to_string(port) + " RTP/AVP 0\r\na=" + std::string(direction) + "\r\n";
}

/// Shards that do nothing but report, when told to.
class SilentShards final : public ShardGateway {
 public:
  explicit SilentShards(std::size_t count) : count_(count) {}
  std::size_t count() const noexcept override { return count_; }
  void post(std::size_t shard, worker::ShardCommand command) override {
    last_shard = shard;
    if (auto* apply = std::get_if<worker::ApplyPlan>(&command)) {
      plan = std::move(apply->plan);
      session = apply->id;
    } else if (const auto* query = std::get_if<worker::QuerySession>(&command)) {
      asked.push_back({query->token, {query->id, {}}});
    } else if (const auto* removal = std::get_if<worker::RemoveSession>(&command)) {
      ++removed;
      plan = {};  // closes its sockets
      asked.push_back({removal->token, {removal->id, {}}});
    }
  }

  session::SessionPlan plan;
  session::SessionId session;
  std::vector<worker::Reported> asked;
  int removed = 0;
  std::size_t last_shard = 0;

 private:
  std::size_t count_;
};

/// Ports are on a loopback address of this test's own.
struct Scene {
  explicit Scene(CallDirectory::Settings settings = {}, unsigned pairs = 16, std::size_t shard_count = 1)
      : shards(shard_count),
        ports(port_settings(pairs, shard_count), [this] { return clock.now(); }),
        directory(std::move(settings), shards, ports, random,
                  dtls::Certificate::make(random, common::WallTime{std::chrono::hours{500'000}})) {}

  static PortAllocator::Settings port_settings(unsigned pairs, std::size_t shard_count) {
    PortAllocator::Settings settings;
    settings.interfaces = {*Interface::parse("127.77.3.1"), *Interface::parse("outside/127.77.3.2!192.0.2.55")};
    settings.first = common::Port{41000};
    settings.last = common::Port{static_cast<std::uint16_t>(41000 + 2 * pairs - 1)};
    settings.shards = shard_count;
    return settings;
  }

  Now now() const { return {clock.now(), common::WallTime{1'795'000'000s}}; }

  ng::RequestId next_id() { return ng::RequestId{++last_id}; }
  ng::Reply send(ng::Dictionary request) {
    directory.on_request(next_id(), *ng::read_request(request), now());
    return reply();
  }
  /// The reply to the last request; shards report first.
  ng::Reply reply() {
    for (worker::Reported& reported : std::exchange(shards.asked, {})) directory.on_shard_event(reported, now());
    ng::Reply last = ng::Reply::error("no reply");
    while (auto output = directory.poll_output()) {
      if (auto* answered = std::get_if<Answered>(&*output)) last = std::move(answered->reply);
      if (auto* tell = std::get_if<TellTeardown>(&*output)) teardowns.push_back(std::move(*tell));
    }
    return last;
  }

  ng::Reply offer(std::string_view from, std::string_view to, std::string_view branch, const std::string& body,
                  std::string_view call = "call") {
    return send({{"command", "offer"},
                 {"call-id", call},
                 {"from-tag", from},
                 {"to-tag", to},
                 {"via-branch", branch},
                 {"sdp", body},
                 {"flags", ng::List{"trust-address"}}});
  }
  ng::Reply answer(std::string_view from, std::string_view to, std::string_view branch, const std::string& body,
                   ng::Dictionary more = {}) {
    ng::Dictionary request{{"command", "answer"},
                           {"call-id", "call"},
                           {"from-tag", from},
                           {"to-tag", to},
                           {"via-branch", branch},
                           {"sdp", body},
                           {"flags", ng::List{"trust-address"}}};
    request.merge(more);
    return send(std::move(request));
  }
  ng::Reply remove(std::string_view from, std::string_view to, std::string_view branch = "") {
    return send(
        {{"command", "delete"}, {"call-id", "call"}, {"from-tag", from}, {"to-tag", to}, {"via-branch", branch}});
  }

  /// The leg that talks to this address, and the one its media goes to.
  const session::LegPlan* leg_to(std::string_view remote) const {
    const auto found = std::ranges::find_if(shards.plan.legs, [&](const session::LegPlan& leg) {
      return leg.remote_rtp && leg.remote_rtp->to_string() == remote;
    });
    return found == shards.plan.legs.end() ? nullptr : &*found;
  }
  bool flows(std::string_view from, std::string_view to) const {
    const auto* a = leg_to(from);
    const auto* b = leg_to(to);
    return a != nullptr && b != nullptr && std::ranges::any_of(shards.plan.paths, [&](const session::PathPlan& path) {
             return path.from == a->id && path.to == b->id;
           });
  }

  common::ManualClock clock;
  common::crypto::SeededRandom random{1};
  SilentShards shards;
  PortAllocator ports;
  CallDirectory directory;
  std::uint64_t last_id = 0;
  std::vector<TellTeardown> teardowns;
};

const std::string kAlice = audio_sdp("198.51.100.1", 4000);
const std::string kBob = audio_sdp("203.0.113.2", 5000);
const std::string kCarol = audio_sdp("203.0.113.3", 6000);
constexpr std::string_view kAliceAt = "198.51.100.1:4000";
constexpr std::string_view kBobAt = "203.0.113.2:5000";
constexpr std::string_view kCarolAt = "203.0.113.3:6000";

std::uint16_t port_in(const ng::Reply& reply) {
  return negotiation::read_remote_media(*relay::sdp::parse(reply.text("sdp")), 0).rtp->port.value;
}

}  // namespace

TEST_CASE("a call is set up, changed by either side and deleted", "[directory]") {
  Scene scene;
  const auto to_bob = scene.offer("alice", "", "z1", kAlice);
  REQUIRE(to_bob.succeeded());
  const auto to_alice = scene.answer("alice", "bob", "z1", kBob);
  REQUIRE(to_alice.succeeded());
  CHECK(scene.flows(kAliceAt, kBobAt));
  CHECK(scene.flows(kBobAt, kAliceAt));
  CHECK(scene.ports.pairs_in_use() == 2);

  SECTION("the caller re-offers on the same ports") {
    CHECK(port_in(scene.offer("alice", "bob", "z2", audio_sdp("198.51.100.1", 4400))) == port_in(to_bob));
    REQUIRE(scene.answer("alice", "bob", "z2", kBob).succeeded());
    CHECK(scene.flows("198.51.100.1:4400", kBobAt));
  }
  SECTION("the callee re-offers, its SDP going to the caller") {
    CHECK(port_in(scene.offer("bob", "alice", "z3", audio_sdp("203.0.113.2", 5500))) == port_in(to_alice));
    CHECK(port_in(scene.answer("bob", "alice", "z3", kAlice)) == port_in(to_bob));
    CHECK(scene.flows(kAliceAt, "203.0.113.2:5500"));
    CHECK(scene.flows("203.0.113.2:5500", kAliceAt));
  }
  SECTION("hold in the new way and in the old one, and resume") {
    for (const std::string& held : {audio_sdp("198.51.100.1", 4000, "inactive"), audio_sdp("0.0.0.0", 4000)}) {
      REQUIRE(scene.offer("alice", "bob", "z4", held).succeeded());
      REQUIRE(scene.answer("alice", "bob", "z4", audio_sdp("203.0.113.2", 5000, "recvonly")).succeeded());
      const auto alice =
          std::ranges::find_if(scene.shards.plan.legs, [](const auto& leg) { return leg.label == "alice/0"; });
      REQUIRE(alice != scene.shards.plan.legs.end());
      CHECK_FALSE(alice->sends);
      REQUIRE(scene.offer("alice", "bob", "z5", kAlice).succeeded());
      REQUIRE(scene.answer("alice", "bob", "z5", kBob).succeeded());
      CHECK(scene.leg_to(kAliceAt)->sends);
    }
  }
  SECTION("a re-offer that fails changes nothing") {
    REQUIRE(scene.offer("alice", "bob", "z6", audio_sdp("198.51.100.1", 4600)).succeeded());
    REQUIRE(scene.remove("alice", "bob", "z6").succeeded());
    CHECK(scene.shards.removed == 0);
    CHECK(scene.flows(kAliceAt, kBobAt));
  }
  SECTION("repeats of answered requests give the same reply and take nothing") {
    CHECK(scene.offer("alice", "", "z1", kAlice).text("sdp") == to_bob.text("sdp"));
    CHECK(scene.answer("alice", "bob", "z1", kBob).text("sdp") == to_alice.text("sdp"));
    CHECK(scene.ports.pairs_in_use() == 2);
  }
  CHECK(scene.remove("alice", "bob").succeeded());
  CHECK(scene.directory.calls() == 0);
  CHECK(scene.shards.removed == 1);
  CHECK(scene.ports.pairs_in_use() == 0);
  const auto again = scene.remove("alice", "bob");
  CHECK(again.succeeded());
  CHECK(again.warnings.size() == 1);
}

TEST_CASE("a late offer comes from the callee and is answered by the caller", "[directory]") {
  Scene scene;
  const auto to_alice = scene.offer("bob", "alice", "z1", kBob);  // in the 200
  REQUIRE(to_alice.succeeded());
  const auto to_bob = scene.answer("bob", "alice", "z1", kAlice);  // in the ACK
  REQUIRE(to_bob.succeeded());
  CHECK(scene.flows(kAliceAt, kBobAt));
  CHECK(scene.flows(kBobAt, kAliceAt));
  CHECK(port_in(scene.offer("alice", "bob", "z2", kAlice)) == port_in(to_bob));
  REQUIRE(scene.answer("alice", "bob", "z2", kBob).succeeded());
  CHECK(scene.remove("alice", "bob").succeeded());
  CHECK(scene.ports.pairs_in_use() == 0);
}

TEST_CASE("branches of a forked call share the caller's port and have ports of their own", "[directory]") {
  Scene scene;
  const auto to_bob = scene.offer("alice", "", "z1", kAlice);
  const auto to_carol = scene.offer("alice", "", "z2", kAlice);
  CHECK(port_in(to_bob) != port_in(to_carol));
  CHECK(scene.ports.pairs_in_use() == 3);
  const auto early = scene.answer("alice", "bob", "z1", kBob);  // early media of the first branch
  CHECK(scene.flows(kBobAt, kAliceAt));
  const auto final = scene.answer("alice", "carol", "z2", kCarol);
  CHECK(port_in(early) == port_in(final));
  CHECK(scene.flows(kAliceAt, kCarolAt));
  CHECK(scene.flows(kCarolAt, kAliceAt));
  CHECK_FALSE(scene.flows(kAliceAt, kBobAt));

  SECTION("the losing branch goes, the call stays") {
    CHECK(scene.remove("alice", "", "z1").succeeded());
    CHECK(scene.ports.pairs_in_use() == 2);
    CHECK(scene.flows(kAliceAt, kCarolAt));
    CHECK(scene.shards.removed == 0);
  }
  SECTION("a delete without tags ends all of it") {
    CHECK(scene.remove("", "").succeeded());
    CHECK(scene.ports.pairs_in_use() == 0);
  }
}

TEST_CASE("limits are said in the words a proxy compares, or as a load limit to who knows it", "[directory]") {
  CallDirectory::Settings settings;
  settings.max_sessions = 1;
  Scene scene(settings, 2);
  const ng::Dictionary knowing{{"command", "offer"},
                               {"call-id", "two"},
                               {"from-tag", "a"},
                               {"sdp", kAlice},
                               {"supports", ng::List{"load limit"}}};
  REQUIRE(scene.offer("alice", "", "", kAlice).succeeded());
  CHECK(scene.offer("alice", "", "", kAlice, "two").error_reason == "Parallel session limit reached");
  CHECK(scene.send(knowing).outcome == ng::Outcome::LoadLimit);
  CHECK(scene.offer("alice", "", "other branch", kAlice).error_reason == "Ran out of ports");
  CHECK(scene.directory.calls() == 1);
  CHECK(scene.ports.pairs_in_use() == 2);
}

TEST_CASE("a refused offer gives back what it took; ports rest before they are used again", "[directory]") {
  Scene scene({}, 3);
  REQUIRE(scene.offer("alice", "", "", kAlice, "one").succeeded());
  CHECK(scene.offer("alice", "", "", kAlice, "two").error_reason == "Ran out of ports");
  CHECK(scene.ports.pairs_in_use() == 2);
  scene.clock.advance(4s);
  REQUIRE(scene.send({{"command", "delete"}, {"call-id", "one"}}).succeeded());
  CHECK_FALSE(scene.offer("alice", "", "", kAlice, "three").succeeded());
  scene.clock.advance(4s);
  CHECK(scene.offer("alice", "", "", kAlice, "three").succeeded());
}

TEST_CASE("a call goes to the shard with fewest calls, and to another one when its ports are gone", "[directory]") {
  Scene scene({}, 8, 2);
  std::vector<std::size_t> shards;
  for (const auto* call : {"1", "2", "3", "4"}) {
    REQUIRE(scene.offer("alice", "", "", kAlice, call).succeeded());
    shards.push_back(scene.shards.last_shard);
  }
  CHECK(shards == std::vector<std::size_t>{0, 1, 0, 1});
  CHECK(scene.offer("alice", "", "", kAlice, "5").error_reason == "Ran out of ports");
}

TEST_CASE("while it drains a relay takes no new call and lets the old ones go on", "[directory]") {
  Scene scene;
  REQUIRE(scene.offer("alice", "", "z1", kAlice).succeeded());
  scene.directory.drain();
  CHECK(scene.offer("alice", "", "", kAlice, "two").error_reason == "Parallel session limit reached");
  CHECK(scene.answer("alice", "bob", "z1", kBob).succeeded());
  CHECK(scene.offer("alice", "bob", "z2", kAlice).succeeded());
}

TEST_CASE("a call whose media ends by itself is removed and its proxies are told", "[directory]") {
  const auto cause = GENERATE(session::EndCause::MediaTimeout, session::EndCause::ConsentLost);
  Scene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.answer("alice", "bob", "z1", kBob,
               {{"teardown", "sealed"}, {"teardown-to", ng::List{"192.0.2.1:5099", "192.0.2.2:5099"}}});
  scene.directory.on_shard_event(worker::SessionFailed{scene.shards.session, cause, {}}, scene.now());
  scene.reply();
  REQUIRE(scene.teardowns.size() == 1);
  CHECK(scene.teardowns[0].request.teardown_blob == "sealed");
  CHECK(scene.teardowns[0].to.size() == 2);
  CHECK(scene.directory.calls() == 0);
  CHECK(scene.ports.pairs_in_use() == 0);
  CHECK(scene.send({{"command", "query"}, {"call-id", "call"}}).error_reason == "Unknown call-id");
}

TEST_CASE("at its end the relay ends every call, and tells the proxies of those that want to know", "[directory]") {
  Scene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.answer("alice", "bob", "z1", kBob, {{"teardown", "sealed"}, {"teardown-to", ng::List{"192.0.2.1:5099"}}});
  scene.offer("carol", "", "z2", kAlice, "other");
  REQUIRE(scene.directory.calls() == 2);
  scene.directory.end_all(scene.now());
  CHECK(scene.directory.calls() == 0);
  CHECK(scene.shards.removed == 2);
  CHECK(scene.directory.next_timeout());  // the shards have yet to say that goodbye is said
  scene.reply();
  CHECK_FALSE(scene.directory.next_timeout());
  CHECK(scene.ports.pairs_in_use() == 0);
  REQUIRE(scene.teardowns.size() == 1);
  CHECK(scene.teardowns[0].request.teardown_blob == "sealed");
  CHECK(scene.teardowns[0].request.reason == "relay-stopped");
  CHECK_FALSE(scene.offer("dave", "", "z3", kAlice, "third").succeeded());
}

TEST_CASE("a handshake that failed is counted and ends nothing", "[directory]") {
  Scene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.directory.on_shard_event(worker::SessionFailed{scene.shards.session, session::EndCause::DtlsFailed, {}},
                                 scene.now());
  CHECK(scene.directory.calls() == 1);
  CHECK(scene.directory.counters().dtls_failures == 1);
}

TEST_CASE("query has the shape that readers of rtpengine's know", "[directory]") {
  Scene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  scene.directory.on_request(scene.next_id(), *ng::read_request({{"command", "query"}, {"call-id", "call"}}),
                             scene.now());
  session::LegReport leg;
  leg.id = scene.leg_to(kAliceAt)->id;
  leg.label = "alice/0";
  leg.rtp.local = *common::SocketAddress::parse("127.77.3.1:41000");
  leg.rtp.remote = common::SocketAddress::parse(kAliceAt);
  leg.rtp.received = {100, 17200, 2};
  leg.rtp.pinned = true;
  leg.ingress.emplace_back();
  leg.ingress[0].ssrc = 4711;
  leg.ingress[0].totals = {98, 16856, 0};
  leg.ingress[0].lost = 3;
  leg.rtp.since_last_packet = 7s;
  leg.rtcp.emplace();
  leg.security = "AES_CM_128_HMAC_SHA1_80";
  REQUIRE(scene.shards.asked.size() == 1);
  scene.shards.asked[0].report.legs.push_back(leg);
  const ng::Reply reply = scene.reply();
  const auto in = [](const ng::Dictionary& dictionary, std::string_view key) -> const ng::Value& {
    const auto found = dictionary.find(key);
    if (found == dictionary.end()) FAIL("no " << key);
    return found->second;
  };
  CHECK(*in(reply.body, "created").integer() == 1'795'000'000);
  const auto& alice = *in(*in(reply.body, "tags").dictionary(), "alice").dictionary();
  CHECK(*in(alice, "in dialogue with").text() == "bob");
  const auto& medium = *in(alice, "medias").list()->front().dictionary();
  CHECK(*in(medium, "type").text() == "audio");
  CHECK(*in(medium, "protocol").text() == "RTP/AVP");
  const auto& stream = *in(medium, "streams").list()->front().dictionary();
  CHECK(*in(stream, "local port").integer() == 41000);
  CHECK(*in(*in(stream, "endpoint").dictionary(), "address").text() == "198.51.100.1");
  CHECK(*in(*in(stream, "stats").dictionary(), "packets").integer() == 100);
  CHECK(*in(*in(stream, "stats").dictionary(), "errors").integer() == 2);
  CHECK(*in(stream, "last packet").integer() == 1'795'000'000 - 7);
  CHECK(*in(stream, "SSRC").integer() == 4711);
  CHECK(*in(stream, "crypto suite").text() == "AES_CM_128_HMAC_SHA1_80");
  CHECK(*in(*in(stream, "advertised endpoint").dictionary(), "port").integer() == 4000);
  CHECK(*in(*in(stream, "advertised endpoint").dictionary(), "family").text() == "IPv4");
  CHECK(*in(stream, "flags").list() == ng::List{"RTP", "filled", "confirmed"});
  const auto& rtcp = *in(medium, "streams").list()->at(1).dictionary();
  CHECK(*in(rtcp, "flags").list() == ng::List{"RTCP"});
  CHECK(*in(*in(rtcp, "advertised endpoint").dictionary(), "port").integer() == 4001);
  CHECK_FALSE(rtcp.contains("SSRC"));
  CHECK_FALSE(rtcp.contains("last packet"));
  const auto& ssrc = *in(*in(reply.body, "SSRC").dictionary(), "4711").dictionary();
  CHECK(*in(ssrc, "packets").integer() == 98);
  CHECK(*in(ssrc, "packets lost").integer() == 3);
  CHECK(*in(*in(*in(reply.body, "totals").dictionary(), "RTP").dictionary(), "bytes").integer() == 17200);
}

TEST_CASE("each side is on the interface that was named, under its advertised address", "[directory]") {
  Scene scene;
  const auto offer = [&](std::string_view call, ng::List direction) {
    return scene.send({{"command", "offer"},
                       {"call-id", call},
                       {"from-tag", "alice"},
                       {"sdp", kAlice},
                       {"replace", ng::List{"origin"}},
                       {"direction", std::move(direction)}});
  };
  const auto bound = [&](std::string_view label) {
    const auto leg = std::ranges::find(scene.shards.plan.legs, label, &session::LegPlan::label);
    REQUIRE(leg != scene.shards.plan.legs.end());
    return leg->rtp.bound.ip.to_string();
  };
  const auto outwards = offer("one", {"", "outside"});
  CHECK(outwards.warnings.empty());
  CHECK(outwards.text("sdp").find("c=IN IP4 192.0.2.55\r\n") != std::string::npos);
  CHECK(outwards.text("sdp").find("127.77.3.2") == std::string::npos);
  CHECK(bound("alice/0") == "127.77.3.1");
  CHECK(bound("/0") == "127.77.3.2");
  CHECK(offer("two", {"outside", ""}).text("sdp").find("c=IN IP4 127.77.3.1\r\n") != std::string::npos);
  CHECK(bound("alice/0") == "127.77.3.2");
  const auto mistyped = offer("three", {"", "outsied"});
  CHECK(mistyped.succeeded());
  CHECK(mistyped.warnings == std::vector<std::string>{"unknown interface 'outsied', the first one is used"});
  CHECK(bound("/0") == "127.77.3.1");
}

TEST_CASE("a shard that does not report in time delays no reply for ever", "[directory]") {
  Scene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.directory.on_request(scene.next_id(), *ng::read_request({{"command", "delete"}, {"call-id", "call"}}),
                             scene.now());
  REQUIRE(scene.directory.next_timeout());
  scene.shards.asked.clear();
  scene.clock.advance(501ms);
  scene.directory.on_timeout(scene.now());
  const ng::Reply reply = scene.reply();
  CHECK(reply.succeeded());
  CHECK(reply.warnings.size() == 1);
  CHECK(scene.directory.counters().late_reports == 1);
}

TEST_CASE("a delete with a delay leaves the call until then, an offer meanwhile keeps it", "[directory]") {
  Scene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  REQUIRE(scene.send({{"command", "delete"}, {"call-id", "call"}, {"delete-delay", 30}}).succeeded());
  CHECK(scene.directory.calls() == 1);
  SECTION("then it goes") {
    scene.clock.advance(30s);
    scene.directory.on_timeout(scene.now());
    CHECK(scene.directory.calls() == 0);
  }
  SECTION("unless it is offered again") {
    scene.offer("alice", "bob", "z2", kAlice);
    scene.clock.advance(31s);
    scene.directory.on_timeout(scene.now());
    CHECK(scene.directory.calls() == 1);
  }
}
