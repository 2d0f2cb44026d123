#include "relay/control/call_report.h"

#include "tests/unit/relay/control/call_scene.h"

namespace relay::control {
namespace {

using common::SocketAddress;

const ng::Value& in(const ng::Dictionary& dictionary, std::string_view key) {
  const auto found = dictionary.find(key);
  if (found == dictionary.end()) FAIL("no " << key);
  return found->second;
}
const ng::Dictionary& dictionary_in(const ng::Dictionary& dictionary, std::string_view key) {
  return *in(dictionary, key).dictionary();
}
std::int64_t number_in(const ng::Dictionary& dictionary, std::string_view key) {
  return *in(dictionary, key).integer();
}
std::string text_in(const ng::Dictionary& dictionary, std::string_view key) {
  return std::string(*in(dictionary, key).text());
}

/// A call of Alice and Bob with a report of each leg that a test fills in.
struct Scene : CallScene {
  explicit Scene(std::string_view to_bob = "trust-address", const std::string& bob = kBob,
                 const std::string& alice = kAlice) {
    REQUIRE_FALSE(is_error(offer("alice", "", "z1", alice, to_bob)));
    REQUIRE_FALSE(is_error(answer("alice", "bob", "z1", bob)));
    for (const session::LegPlan& leg : plan().legs) {
      session::LegReport& made = report.legs.emplace_back();
      made.id = leg.id;
      made.security = "plain";
      made.rtp.local = leg.rtp.advertised;
    }
  }
  session::LegReport& leg_of(std::string_view tag) {
    const negotiation::Pair& pair = call.forks()[0].latest();
    const negotiation::Side& side = pair.offerer.tag == tag ? pair.offerer : pair.answerer;
    const auto found = std::ranges::find(report.legs, side.media.at(0).leg, &session::LegReport::id);
    REQUIRE(found != report.legs.end());
    return *found;
  }
  ng::Dictionary describe() const { return describe_call(call, report, kCreated + 90s); }
  ng::Dictionary medium_of(std::string_view tag) const {
    return *dictionary_in(dictionary_in(describe(), "tags"), tag).find("medias")->second.list()->at(0).dictionary();
  }
  ng::Dictionary stream_of(std::string_view tag, std::size_t index = 0) const {
    return *medium_of(tag).find("streams")->second.list()->at(index).dictionary();
  }

  session::SessionReport report;
};

}  // namespace

TEST_CASE("a report says when the call began and was spoken of last", "[report]") {
  Scene scene;
  scene.call.on_signal(CallScene::kCreated + 7s);
  const ng::Dictionary body = scene.describe();
  CHECK(number_in(body, "created") == 1'795'000'000);
  CHECK(number_in(body, "created_us") == 1'795'000'000'000'000);
  CHECK(number_in(body, "last signal") == 1'795'000'007);
}

TEST_CASE("each party has its tag, with whom it talks; a callee that has not answered has none", "[report]") {
  Scene scene;
  const ng::Dictionary tags = dictionary_in(scene.describe(), "tags");
  CHECK(tags.size() == 2);
  CHECK(text_in(dictionary_in(tags, "alice"), "in dialogue with") == "bob");
  CHECK(text_in(dictionary_in(tags, "bob"), "in dialogue with") == "alice");
  CallScene open;
  open.offer("alice", "", "z1", kAlice);
  const ng::Dictionary of_open = describe_call(open.call, {}, CallScene::kCreated);
  CHECK(dictionary_in(of_open, "tags").size() == 1);
  CHECK(text_in(dictionary_in(dictionary_in(of_open, "tags"), "alice"), "in dialogue with").empty());
}

TEST_CASE("a caller whose call is forked stands there once, each callee too", "[report]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  scene.answer("alice", "carol", "z2", kCarol);
  const ng::Dictionary body = describe_call(scene.call, {}, CallScene::kCreated);
  CHECK(dictionary_in(body, "tags").size() == 3);
  CHECK(text_in(dictionary_in(dictionary_in(body, "tags"), "carol"), "in dialogue with") == "alice");
}

TEST_CASE("a session that its shard knows nothing of has its parties and media, without streams", "[report]") {
  Scene scene;
  scene.report.legs.clear();
  const ng::Dictionary medium = scene.medium_of("alice");
  CHECK(number_in(medium, "index") == 1);
  CHECK(text_in(medium, "type") == "audio");
  CHECK(text_in(medium, "protocol") == "RTP/AVP");
  CHECK_FALSE(medium.contains("streams"));
  CHECK(number_in(dictionary_in(dictionary_in(scene.describe(), "totals"), "RTP"), "packets") == 0);
}

TEST_CASE("a medium that was refused has its place and no streams", "[report]") {
  const std::string video = "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n";
  const Scene scene("trust-address", kBob + "m=video 0 RTP/AVP 96\r\n", kAlice + video);
  const ng::Dictionary body = scene.describe();
  const ng::List& medias = *in(dictionary_in(dictionary_in(body, "tags"), "alice"), "medias").list();
  REQUIRE(medias.size() == 2);
  CHECK(text_in(*medias[1].dictionary(), "type") == "video");
  CHECK(number_in(*medias[1].dictionary(), "index") == 2);
  CHECK_FALSE(medias[1].dictionary()->contains("streams"));
}

TEST_CASE("a stream has the port of ours, the peer's address as learnt and as said, and what flowed", "[report]") {
  Scene scene;
  session::LegReport& leg = scene.leg_of("alice");
  leg.rtp.remote = *SocketAddress::parse("[2001:db8::9]:4444");
  leg.rtp.received = {100, 17200, 2};
  leg.rtp.sent = {90, 15480, 1};
  leg.rtp.since_last_packet = 7s;
  const ng::Dictionary stream = scene.stream_of("alice");
  CHECK(text_in(stream, "local address") == "192.0.2.10");
  CHECK(number_in(stream, "local port") == leg.rtp.local.port.value);
  CHECK(text_in(dictionary_in(stream, "endpoint"), "family") == "IPv6");
  CHECK(text_in(dictionary_in(stream, "endpoint"), "address") == "2001:db8::9");
  CHECK(number_in(dictionary_in(stream, "endpoint"), "port") == 4444);
  CHECK(text_in(dictionary_in(stream, "advertised endpoint"), "address") == "198.51.100.1");
  CHECK(number_in(dictionary_in(stream, "stats"), "bytes") == 17200);
  CHECK(number_in(dictionary_in(stream, "stats"), "errors") == 2);
  CHECK(number_in(dictionary_in(stream, "stats_out"), "packets") == 90);
  CHECK(number_in(stream, "last packet") == 1'795'000'090 - 7);
  CHECK(number_in(stream, "last packet seconds ago") == 7);
}

TEST_CASE("a stream that nobody was heard on has no endpoint, no last packet and no SSRC", "[report]") {
  const Scene scene;
  const ng::Dictionary stream = scene.stream_of("bob");
  for (const auto* key : {"endpoint", "last packet", "last packet seconds ago", "SSRC", "crypto suite"}) {
    CHECK_FALSE(stream.contains(key));
  }
  CHECK(*in(stream, "flags").list() == ng::List{"RTP"});
}

TEST_CASE("a stream is filled with an address and confirmed when it is pinned", "[report]") {
  Scene scene;
  scene.leg_of("alice").rtp.remote = *SocketAddress::parse(kAliceAt);
  CHECK(*in(scene.stream_of("alice"), "flags").list() == ng::List{"RTP", "filled"});
  scene.leg_of("alice").rtp.pinned = true;
  CHECK(*in(scene.stream_of("alice"), "flags").list() == ng::List{"RTP", "filled", "confirmed"});
}

TEST_CASE("RTCP has a stream of its own, or shares that of RTP where both agreed to", "[report][rfc5761]") {
  SECTION("a port of its own") {
    Scene scene;
    scene.leg_of("alice").rtcp.emplace();
    CHECK(*in(scene.stream_of("alice", 1), "flags").list() == ng::List{"RTCP"});
    CHECK(number_in(dictionary_in(scene.stream_of("alice", 1), "advertised endpoint"), "port") == 4001);
    CHECK(in(scene.medium_of("alice"), "flags").list()->empty());
  }
  SECTION("the same port") {
    const std::string mux = "a=rtcp-mux\r\n";
    const Scene scene("trust-address", audio_sdp("203.0.113.2", 5000, mux), audio_sdp("198.51.100.1", 4000, mux));
    CHECK(in(scene.medium_of("alice"), "streams").list()->size() == 1);
    CHECK(*in(scene.stream_of("alice"), "flags").list() == ng::List{"RTP", "RTCP"});
    CHECK(*in(scene.medium_of("alice"), "flags").list() == ng::List{"rtcp-mux"});
  }
}

TEST_CASE("a medium says how it is protected, and that ICE and DTLS are through", "[report]") {
  Scene scene;
  session::LegReport& leg = scene.leg_of("bob");
  SECTION("with keys that are in use") {
    leg.security = "AEAD_AES_128_GCM";
    leg.ice_connected = leg.dtls_connected = true;
    CHECK(*in(scene.medium_of("bob"), "flags").list() == ng::List{"ICE", "DTLS-SRTP", "AEAD_AES_128_GCM"});
    CHECK(text_in(scene.stream_of("bob"), "crypto suite") == "AEAD_AES_128_GCM");
  }
  SECTION("with keys that are not agreed yet") {
    leg.security = "pending";
    CHECK(*in(scene.medium_of("bob"), "flags").list() == ng::List{"pending"});
    CHECK_FALSE(scene.stream_of("bob").contains("crypto suite"));
  }
}

TEST_CASE("a medium whose keys came with SDP says SDES", "[report][rfc4568]") {
  const std::string bob =
      "v=0\r\no=- 1 1 IN IP4 203.0.113.2\r\ns=-\r\nc=IN IP4 203.0.113.2\r\nt=0 0\r\nm=audio 5000 RTP/SAVP 0\r\n"
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
  Scene scene("trust-address RTP/SAVP", bob);
  scene.leg_of("bob").security = "AES_CM_128_HMAC_SHA1_80";
  CHECK(*in(scene.medium_of("bob"), "flags").list() == ng::List{"AES_CM_128_HMAC_SHA1_80", "SDES"});
  CHECK(text_in(scene.medium_of("bob"), "protocol") == "RTP/SAVP");
  CHECK(in(scene.medium_of("alice"), "flags").list()->empty());
}

TEST_CASE("changes of the source are told where there were any", "[report]") {
  Scene scene;
  CHECK_FALSE(scene.medium_of("alice").contains("source changes"));
  scene.leg_of("alice").source_changes = 2;
  CHECK(number_in(scene.medium_of("alice"), "source changes") == 2);
}

TEST_CASE("every SSRC that was received is listed with its loss, jitter and round trip", "[report]") {
  Scene scene;
  session::IngressStream stream;
  stream.ssrc = 4711;
  stream.payload_type = 8;
  stream.totals = {98, 16856, 0};
  stream.lost = 3;
  stream.jitter = 12;
  scene.leg_of("alice").ingress = {stream};
  stream.ssrc = 4712;
  stream.round_trip_us = 25'000;
  scene.leg_of("alice").ingress.push_back(stream);
  const ng::Dictionary ssrcs = dictionary_in(scene.describe(), "SSRC");
  REQUIRE(ssrcs.size() == 2);
  const ng::Dictionary& first = dictionary_in(ssrcs, "4711");
  CHECK(number_in(first, "packets") == 98);
  CHECK(number_in(first, "payload type") == 8);
  CHECK(number_in(first, "packets lost") == 3);
  CHECK(number_in(first, "jitter") == 12);
  CHECK_FALSE(first.contains("round-trip time"));
  CHECK(number_in(dictionary_in(ssrcs, "4712"), "round-trip time") == 25'000);
  CHECK(number_in(scene.stream_of("alice"), "SSRC") == 4712);  // the newest
}

TEST_CASE("totals add up what all legs received, RTP and RTCP apart", "[report]") {
  Scene scene;
  scene.leg_of("alice").rtp.received = {100, 17200, 2};
  scene.leg_of("bob").rtp.received = {50, 8600, 1};
  scene.leg_of("bob").rtcp.emplace().received = {5, 500, 0};
  const ng::Dictionary body = scene.describe();
  const ng::Dictionary& rtp = dictionary_in(dictionary_in(body, "totals"), "RTP");
  CHECK(number_in(rtp, "packets") == 150);
  CHECK(number_in(rtp, "bytes") == 25800);
  CHECK(number_in(rtp, "errors") == 3);
  CHECK(number_in(dictionary_in(dictionary_in(body, "totals"), "RTCP"), "packets") == 5);
}

}  // namespace relay::control
