#include "relay/negotiation/exchange.h"

#include <catch2/catch.hpp>

#include "relay/dtls/certificate.h"

using namespace relay;
using namespace relay::negotiation;
using common::SocketAddress;

namespace {

constexpr std::string_view kBrowserOffer =
    "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\n"
    "a=msid-semantic: WMS stream\r\n"
    "m=audio 51000 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 198.51.100.4\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\na=candidate:1 1 udp 2113937151 198.51.100.4 51000 typ host generation 0\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"
    "a=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\n"
    "a=msid:stream track\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n"
    "a=rtpmap:126 telephone-event/8000\r\na=ssrc:1 cname:x\r\n";

constexpr std::string_view kTrunkAnswer =
    "v=0\r\no=trunk 1 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
    "m=audio 7000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

constexpr std::string_view kTrunkOffer =
    "v=0\r\no=trunk 1 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
    "m=audio 7000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";

/// The relay's surroundings: ports from 30000 upwards, seeded randomness.
struct Fixture {
  common::crypto::SeededRandom random{1};
  std::uint32_t last_leg = 0;
  std::uint16_t next_port = 30000;
  int ports_left = 100;
  Environment environment{random, dtls::Certificate::make(random, common::WallTime{std::chrono::hours{500000}}), false,
                          [this] { return session::LegId{++last_leg}; },
                          [this](std::string_view, std::optional<common::IpAddress::Family>) { return open(); }};
  Side caller{"from", {}};
  Side callee{"to", {}};

  common::Result<std::shared_ptr<PortPair>, PortError> open() {
    if (ports_left-- == 0) return common::Err{PortError::Exhausted};
    const SocketAddress address{*common::IpAddress::parse("192.0.2.10"), common::Port{next_port}};
    next_port = static_cast<std::uint16_t>(next_port + 2);
    return std::make_shared<PortPair>(address, address.ip, common::Fd{}, common::Fd{}, nullptr);
  }

  static ng::Request request(std::string_view flags) {
    return *ng::read_request(
        {{"command", "offer"}, {"call-id", "c"}, {"from-tag", "f"}, {"sdp", "x"}, {"rtpp-flags", flags}});
  }
  std::string offer(std::string_view sdp, std::string_view flags) {
    const auto result = relay_offer(*sdp::parse(sdp), request(flags), caller, callee, environment);
    return result ? *result : "error: " + result.error().reason;
  }
  std::string answer(std::string_view sdp, std::string_view flags) {
    const auto result = relay_answer(*sdp::parse(sdp), request(flags), callee, caller, environment);
    return result ? *result : "error: " + result.error().reason;
  }
};

bool has(const std::string& sdp, std::string_view text) { return sdp.find(text) != std::string::npos; }

constexpr std::string_view kTowardsSip =
    "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP";
constexpr std::string_view kTowardsBrowser =
    "trust-address replace-origin replace-session-connection rtcp-mux-offer generate-mid DTLS=passive SDES-off "
    "ICE=force UDP/TLS/RTP/SAVPF";

const session::PayloadAction* action(const std::vector<session::PathPlan>& paths, int payload_type) {
  for (const auto& [type, action] : paths.at(0).payloads) {
    if (type == payload_type) return &action;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a browser's offer becomes plain RTP for a trunk, without what only browsers understand", "[negotiation]") {
  Fixture fixture;
  const std::string out = fixture.offer(kBrowserOffer, std::string(kTowardsSip) + " codec-strip-opus transcode-PCMU");
  CAPTURE(out);
  CHECK(has(out, " RTP/AVP "));
  CHECK(has(out, "c=IN IP4 192.0.2.10\r\n"));
  CHECK(has(out, "o=- 4611 2 IN IP4 192.0.2.10\r\n"));
  for (const auto text : {"candidate", "ice-", "fingerprint", "setup", "extmap", "msid", "ssrc", "rtcp-mux", "rtcp-fb",
                          "group", "a=mid", "telephone-event/48000"}) {
    CHECK_FALSE(has(out, text));
  }
  CHECK(has(out, "a=rtpmap:126 telephone-event/8000\r\n"));
  CHECK(out.size() < 1200);
}

TEST_CASE("the answer to a browser that shares no codec with the trunk is Opus, transcoded", "[negotiation]") {
  Fixture fixture;
  const auto flags = std::string(kTowardsSip) + " codec-mask-all codec-offer-PCMU codec-offer-telephone-event";
  const std::string only_opus = [] {
    std::string text(kBrowserOffer);
    text.replace(text.find("111 63 9 0 8 13 110 126"), 23, "111 110");
    return text;
  }();
  const std::string offered = fixture.offer(only_opus, flags + " transcode-PCMU");
  CAPTURE(offered);
  CHECK(has(offered, "RTP/AVP 0 "));
  CHECK(has(offered, "telephone-event/8000"));
  const std::string answered = fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "UDP/TLS/RTP/SAVPF 111 110\r\n"));
  CHECK(has(answered, "a=setup:passive\r\n"));
  CHECK(has(answered, "a=rtcp-mux\r\n"));
  CHECK(has(answered, "a=mid:0\r\n"));
  CHECK(has(answered, "typ host\r\n"));
  const auto to_trunk = plan_paths(fixture.caller, fixture.callee);
  const auto to_browser = plan_paths(fixture.callee, fixture.caller);
  REQUIRE(action(to_trunk, 111));
  CHECK(std::holds_alternative<session::Transcode>(*action(to_trunk, 111)));
  CHECK(std::get<session::MapEvent>(*action(to_trunk, 110)).to.payload_type == 101);
  CHECK(std::get<session::Transcode>(*action(to_browser, 0)).to.kind == codec::Kind::Opus);
  CHECK(std::get<session::MapEvent>(*action(to_browser, 101)).to.clock_rate == 48000);
  CHECK_FALSE(to_trunk[0].forward_rtcp);
  CHECK(action(to_trunk, 63) == nullptr);
}

TEST_CASE("a codec that both sides share passes through, with its own payload type on each", "[negotiation]") {
  Fixture fixture;
  fixture.offer(kBrowserOffer, kTowardsSip);
  const std::string answered = fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CHECK(has(answered, "SAVPF 0 126\r\n"));
  const auto to_trunk = plan_paths(fixture.caller, fixture.callee);
  CHECK(std::get<session::Forward>(*action(to_trunk, 0)).payload_type == 0);
  CHECK(std::get<session::Forward>(*action(to_trunk, 126)).payload_type == 101);
  CHECK(to_trunk[0].forward_rtcp);
}

TEST_CASE("masked codecs are transcoded even if both sides have the one the trunk takes", "[negotiation]") {
  Fixture fixture;
  const std::string offered =
      fixture.offer(kBrowserOffer, std::string(kTowardsSip) + " codec-mask-all transcode-PCMU transcode-PCMA");
  CAPTURE(offered);
  CHECK(has(offered, "RTP/AVP 0 8 126\r\n"));
  CHECK(has(offered, "a=rtpmap:126 telephone-event/8000\r\n"));
  CHECK_FALSE(has(offered, "48000"));
  const std::string answered = fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "UDP/TLS/RTP/SAVPF 111 110\r\n"));
  const auto to_trunk = plan_paths(fixture.caller, fixture.callee);
  const auto to_browser = plan_paths(fixture.callee, fixture.caller);
  CHECK(std::get<session::Transcode>(*action(to_trunk, 111)).to.kind == codec::Kind::Pcmu);
  CHECK(std::get<session::MapEvent>(*action(to_trunk, 110)).to.payload_type == 101);
  CHECK(std::get<session::Transcode>(*action(to_browser, 0)).to.payload_type == 111);
  CHECK(std::get<session::MapEvent>(*action(to_browser, 101)).to.payload_type == 110);
}

TEST_CASE("a masked trunk's offer reaches a browser as Opus alone and is answered with the trunk's codec",
          "[negotiation]") {
  Fixture fixture;
  const std::string offered =
      fixture.offer(kTrunkOffer, std::string(kTowardsBrowser) + " codec-mask-all transcode-opus");
  CAPTURE(offered);
  CHECK(has(offered, "UDP/TLS/RTP/SAVPF 96 97\r\n"));
  CHECK(has(offered, "a=rtpmap:97 telephone-event/48000\r\n"));
  std::string answer(kBrowserOffer);
  answer.replace(answer.find("111 63 9 0 8 13 110 126"), 23, "96 97");
  answer.replace(answer.find("a=setup:actpass"), 15, "a=setup:active");
  answer += "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\n";
  const std::string answered = fixture.answer(answer, kTowardsSip);
  CAPTURE(answered);
  CHECK(has(answered, "RTP/AVP 8 101\r\n"));
}

TEST_CASE("a browser with Opus and telephone-event at 8000 only keeps its digits", "[negotiation]") {
  Fixture fixture;
  std::string firefox(kBrowserOffer);
  firefox.replace(firefox.find("111 63 9 0 8 13 110 126"), 23, "111 126");
  fixture.offer(firefox, std::string(kTowardsSip) + " codec-mask-all transcode-PCMU");
  CHECK(has(fixture.answer(kTrunkAnswer, kTowardsBrowser), "SAVPF 111 126\r\n"));
  CHECK(std::get<session::MapEvent>(*action(plan_paths(fixture.caller, fixture.callee), 126)).to.payload_type == 101);
}

TEST_CASE("RED and the like go to WebRTC peers only, and only with their codec", "[negotiation]") {
  const std::string to_browser = "trust-address ICE=force UDP/TLS/RTP/SAVPF";
  CHECK(has(Fixture().offer(kBrowserOffer, to_browser), "a=rtpmap:63 red/48000/2"));
  CHECK_FALSE(has(Fixture().offer(kBrowserOffer, to_browser + " codec-strip-opus"), "red"));
  CHECK_FALSE(has(Fixture().offer(kBrowserOffer, kTowardsSip), "red"));
}

TEST_CASE("an offer of rtcp-mux keeps a port for RTCP until it is taken", "[negotiation]") {
  const auto candidates = [](const std::string& sdp) {
    return read_remote_media(*sdp::parse(sdp), 0).candidates.size();
  };
  Fixture fixture;
  CHECK(candidates(fixture.offer(kTrunkOffer, kTowardsBrowser)) == 2);
  CHECK(plan_legs(fixture.callee, fixture.environment).at(0).ice->local_candidates.size() == 2);
  std::string answer(kBrowserOffer);
  answer.replace(answer.find("111 63 9 0 8 13 110 126"), 23, "8 126");
  fixture.answer(answer, kTowardsSip);
  CHECK(plan_legs(fixture.callee, fixture.environment).at(0).ice->local_candidates.size() == 1);
  CHECK(candidates(fixture.offer(kTrunkOffer, kTowardsBrowser)) == 1);
  CHECK(candidates(Fixture().offer(kTrunkOffer, std::string(kTowardsBrowser) + " rtcp-mux-require")) == 1);
}

TEST_CASE("DTLS roles hold as long as the fingerprint does", "[negotiation]") {
  Fixture fixture;
  fixture.offer(kTrunkOffer, kTowardsBrowser);
  std::string browser(kBrowserOffer);
  browser.replace(browser.find("111 63 9 0 8 13 110 126"), 23, "8 126");
  std::string passive = browser;
  passive.replace(passive.find("a=setup:actpass"), 15, "a=setup:passive");
  fixture.answer(passive, kTowardsSip);
  const auto role = [&] {
    return std::get<session::DtlsSecurity>(plan_legs(fixture.callee, fixture.environment).at(0).security).role;
  };
  REQUIRE(role() == dtls::Role::Active);
  const auto reoffer = [&](std::string_view sdp) {
    REQUIRE(relay_offer(*sdp::parse(sdp), Fixture::request(kTowardsSip), fixture.callee, fixture.caller,
                        fixture.environment));
    return *relay_answer(*sdp::parse(kTrunkAnswer), Fixture::request(kTowardsBrowser), fixture.caller, fixture.callee,
                         fixture.environment);
  };
  std::string with_pcmu = browser;
  with_pcmu.replace(with_pcmu.find("SAVPF 8 126"), 11, "SAVPF 0 126");
  CHECK(has(reoffer(with_pcmu), "a=setup:active\r\n"));
  CHECK(role() == dtls::Role::Active);
  with_pcmu.replace(with_pcmu.find("00:01:02"), 8, "FF:01:02");
  CHECK(has(reoffer(with_pcmu), "a=setup:passive\r\n"));
  CHECK(role() == dtls::Role::Passive);
}

TEST_CASE("an address that is not known yet is hold without ICE and nothing with it", "[negotiation]") {
  std::string trickling(kBrowserOffer);
  trickling.replace(trickling.find("c=IN IP4 198.51.100.4"), 21, "c=IN IP4 0.0.0.0");
  Fixture fixture;
  fixture.offer(trickling, kTowardsSip);
  fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CHECK(plan_legs(fixture.caller, fixture.environment).at(0).sends);
  Fixture plain;
  std::string held(kTrunkOffer);
  held.replace(held.find("c=IN IP4 203.0.113.5"), 20, "c=IN IP4 0.0.0.0");
  plain.offer(held, "trust-address RTP/AVP");
  plain.answer(kTrunkAnswer, "trust-address RTP/AVP");
  CHECK_FALSE(plan_legs(plain.caller, plain.environment).at(0).sends);
}

TEST_CASE("a trunk's offer reaches a browser with ICE, a fingerprint and a mid", "[negotiation]") {
  Fixture fixture;
  const std::string out = fixture.offer(kTrunkOffer, std::string(kTowardsBrowser) + " transcode-opus");
  CAPTURE(out);
  CHECK(has(out, "UDP/TLS/RTP/SAVPF 8 0 96 "));
  CHECK(has(out, "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 minptime=10;useinbandfec=1\r\n"));
  CHECK(has(out, "telephone-event/48000"));
  CHECK(has(out, "a=setup:actpass\r\n"));
  CHECK(has(out, "a=mid:0\r\n"));
  CHECK(has(out, "a=ice-ufrag:"));
  const auto legs = plan_legs(fixture.callee, fixture.environment);
  REQUIRE(legs.size() == 1);
  REQUIRE(legs[0].ice);
  CHECK(legs[0].ice->controlling);
}

TEST_CASE("SDES is offered with every allowed suite and settled on the answer's", "[negotiation]") {
  Fixture fixture;
  const std::string out = fixture.offer(kTrunkOffer, "trust-address ICE=remove RTP/SAVP SDES-no-AEAD_AES_256_GCM");
  CAPTURE(out);
  CHECK(has(out, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
  CHECK_FALSE(has(out, "AEAD_AES_256_GCM"));
  std::string answer(kTrunkAnswer);
  answer.replace(answer.find("RTP/AVP"), 7, "RTP/SAVP");
  CHECK(has(fixture.answer(answer, "trust-address RTP/AVP"), "error: The answer names no SDES key"));
  Fixture second;
  second.offer(kTrunkOffer, "trust-address ICE=remove RTP/SAVP");
  CHECK_FALSE(has(second.answer(answer + "a=crypto:2 AES_CM_128_HMAC_SHA1_32 "
                                         "inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n",
                                "trust-address RTP/AVP"),
                  "crypto"));
  const auto legs = plan_legs(second.callee, second.environment);
  const auto& sdes = std::get<session::SdesSecurity>(legs.at(0).security);
  CHECK(sdes.send.suite == srtp::Suite::AesCm128HmacSha1_32);
  CHECK(sdes.receive->key_and_salt.size() == 30);
}

TEST_CASE("a repeated offer keeps ports, keys and credentials", "[negotiation]") {
  Fixture fixture;
  const std::string first = fixture.offer(kTrunkOffer, std::string(kTowardsBrowser));
  CHECK(fixture.offer(kTrunkOffer, std::string(kTowardsBrowser)) == first);
  CHECK(fixture.next_port == 30004);
}

TEST_CASE("hold is passed on and stops media in the right direction", "[negotiation]") {
  Fixture fixture;
  fixture.offer(std::string(kTrunkOffer) + "a=sendonly\r\n", "trust-address RTP/AVP");
  const std::string answered = fixture.answer(std::string(kTrunkAnswer) + "a=recvonly\r\n", "trust-address RTP/AVP");
  CHECK(has(answered, "a=recvonly\r\n"));
  CHECK_FALSE(plan_legs(fixture.caller, fixture.environment).at(0).sends);
  CHECK_FALSE(plan_legs(fixture.callee, fixture.environment).at(0).receives);
}

TEST_CASE("the SDP address is trusted unless SIP-source-address says otherwise", "[negotiation]") {
  const auto remote = [](std::string_view flags) {
    Fixture fixture;
    auto request = Fixture::request(flags);
    request.received_from = common::IpAddress::parse("198.51.100.77");
    REQUIRE(relay_offer(*sdp::parse(kTrunkOffer), request, fixture.caller, fixture.callee, fixture.environment));
    const auto leg = std::move(plan_legs(fixture.caller, fixture.environment).at(0));
    CHECK(leg.latch.signalling_source == request.received_from);
    return std::pair{leg.remote_rtp->to_string(), leg.latch.trust_sdp};
  };
  const std::pair<std::string, bool> by_sdp{"203.0.113.5:7000", true};
  const std::pair<std::string, bool> by_source{"198.51.100.77:7000", false};
  CHECK(remote("RTP/AVP") == by_sdp);
  CHECK(remote("RTP/AVP trust-address") == by_sdp);
  CHECK(remote("RTP/AVP SIP-source-address") == by_source);
  CHECK(remote("trust-address RTP/AVP SIP-source-address") == by_source);
  CHECK(remote("SIP-source-address RTP/AVP trust-address") == by_sdp);
}

TEST_CASE("a medium that is refused frees its ports, one we do not know is refused", "[negotiation]") {
  Fixture fixture;
  const std::string out =
      fixture.offer(std::string(kTrunkOffer) + "m=image 4000 udptl t38\r\n", "trust-address RTP/AVP");
  CHECK(has(out, "m=image 0 udptl t38\r\n"));
  std::string refused(kTrunkAnswer);
  refused.replace(refused.find("audio 7000"), 10, "audio 0");
  const std::string answered = fixture.answer(refused + "m=image 0 udptl t38\r\n", "trust-address RTP/AVP");
  CHECK(has(answered, "m=audio 0 "));
  CHECK(plan_legs(fixture.callee, fixture.environment).empty());
}

TEST_CASE("ports that run out are said in the words that make a proxy try another relay", "[negotiation]") {
  Fixture fixture;
  fixture.ports_left = 1;
  const auto result = relay_offer(*sdp::parse(kTrunkOffer), Fixture::request("RTP/AVP"), fixture.caller, fixture.callee,
                                  fixture.environment);
  REQUIRE_FALSE(result);
  CHECK(result.error().reason == "Ran out of ports");
}

TEST_CASE("required encryption refuses a plain leg instead of allowing it", "[negotiation]") {
  Fixture fixture;
  fixture.offer(kTrunkOffer, "trust-address RTP/AVP");
  CHECK(has(fixture.answer(kTrunkAnswer, "trust-address RTP/AVP require-encryption"), "error: Encryption is required"));
}

TEST_CASE("required encryption holds for the far side of an offer too", "[negotiation]") {
  const std::string required = "require-encryption ICE=remove ";
  CHECK(has(Fixture().offer(kTrunkOffer, required + "RTP/SAVP"), "error: Encryption is required and the offer has none"));
  CHECK(has(Fixture().offer(kBrowserOffer, required + "DTLS=off RTP/AVP"), "error: Encryption is required"));
  CHECK(has(Fixture().offer(kBrowserOffer, required + "DTLS=off RTP/SAVP"), "a=crypto:1 "));
  Fixture opportunistic;
  CHECK(has(opportunistic.offer(kBrowserOffer, required + "DTLS=off RTP/AVP OSRTP-offer"), "a=crypto:1 "));
  CHECK(has(opportunistic.answer(kTrunkAnswer, required + "UDP/TLS/RTP/SAVPF"), "error: Encryption is required"));
}

TEST_CASE("an answer may not take less security than was offered", "[negotiation]") {
  const auto answered = [](std::string_view offered, std::string_view answer) {
    Fixture fixture;
    fixture.offer(kTrunkOffer, "ICE=remove " + std::string(offered));
    std::string text(kTrunkAnswer);
    text.replace(text.find("RTP/AVP"), 7, answer);
    text += "a=fingerprint:sha-256 "
            "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"
            "a=setup:active\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "
            "inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n";
    const std::string out = fixture.answer(text, "");
    return has(out, "error: ") ? out : std::string(ng::to_string(fixture.callee.media[0].protocol));
  };
  for (const auto plain : {"RTP/AVP", "RTP/AVPF"}) {
    for (const auto secure : {"RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"}) {
      CHECK(answered(secure, plain) == "error: Transport protocol mismatch: the answer takes " + std::string(plain) +
                                           " where " + secure + " was offered");
    }
  }
  CHECK(has(answered("RTP/SAVP", "UDP/TLS/RTP/SAVP"), "error: Transport protocol mismatch"));
  CHECK(has(answered("RTP/AVP", "UDP/TLS/RTP/SAVP"), "error: Transport protocol mismatch"));
  CHECK(has(answered("RTP/AVP", "RTP/SAVP"), "error: Transport protocol mismatch"));
  CHECK(answered("RTP/SAVPF", "RTP/SAVP") == "RTP/SAVP");
  CHECK(answered("RTP/AVPF", "RTP/AVP") == "RTP/AVP");
  CHECK(answered("UDP/TLS/RTP/SAVPF", "RTP/SAVPF") == "UDP/TLS/RTP/SAVPF");
  CHECK(answered("RTP/AVP OSRTP-offer", "RTP/AVP") == "RTP/AVP");
  CHECK(answered("RTP/AVP OSRTP-offer", "RTP/SAVP") == "RTP/SAVP");
}

TEST_CASE("direction says on which interface each side is, and later media stay there", "[negotiation]") {
  Fixture fixture;
  std::vector<std::string> asked;
  fixture.environment.allocate = [&](std::string_view interface, std::optional<common::IpAddress::Family>) {
    asked.emplace_back(interface);
    return fixture.open();
  };
  fixture.environment.has_interface = [](std::string_view name) { return name == "inside" || name == "outside"; };
  const auto offer = [&](ng::Value direction, std::string_view more_media = "") {
    auto request = Fixture::request("RTP/AVP");
    if (direction != ng::Value(ng::List{})) CHECK(ng::apply_key(request.flags, "direction", direction));
    asked.clear();
    REQUIRE(relay_offer(*sdp::parse(std::string(kTrunkOffer) + std::string(more_media)), request, fixture.caller,
                        fixture.callee, fixture.environment));
    return asked;
  };
  using Names = std::vector<std::string>;
  const auto [direction, expected] = GENERATE(table<ng::Value, Names>({
      {ng::List{"inside", "outside"}, Names{"inside", "outside"}},
      {ng::List{"", "outside"}, Names{"", "outside"}},
      {ng::List{"inside", ""}, Names{"inside", ""}},
      {ng::List{"", ""}, Names{"", ""}},
      {"outside", Names{"outside", "outside"}},
      {"inside,outside", Names{"inside", "outside"}},
  }));
  CHECK(offer(direction) == expected);
  CHECK(fixture.environment.warnings.empty());
  CHECK(offer(ng::List{}, "m=audio 7100 RTP/AVP 0\r\n") == expected);
}

TEST_CASE("an interface that nobody configured is the first one, with a warning", "[negotiation]") {
  Fixture fixture;
  std::vector<std::string> asked;
  fixture.environment.allocate = [&](std::string_view interface, std::optional<common::IpAddress::Family>) {
    asked.emplace_back(interface);
    return fixture.open();
  };
  fixture.environment.has_interface = [](std::string_view name) { return name == "outside"; };
  fixture.offer(kTrunkOffer, "direction=outsied direction=outside RTP/AVP");
  CHECK(asked == std::vector<std::string>{"", "outside"});
  CHECK(fixture.environment.warnings ==
        std::vector<std::string>{"unknown interface 'outsied', the first one is used"});
}

TEST_CASE("stripped codecs are gone for both sides, masked ones only for the callee", "[negotiation]") {
  std::string no_g711(kTrunkAnswer);
  no_g711.replace(no_g711.find("a=rtpmap:0 PCMU/8000"), 20, "a=rtpmap:8 PCMA/8000");
  no_g711.replace(no_g711.find("RTP/AVP 0 101"), 13, "RTP/AVP 8 101");
  const auto answered = [&](const std::string& rules) {
    Fixture fixture;
    const std::string offered = fixture.offer(kBrowserOffer, std::string(kTowardsSip) + rules);
    CAPTURE(offered);
    CHECK_FALSE(has(offered, "opus"));
    return fixture.answer(no_g711, kTowardsBrowser);
  };
  const std::string callee_takes_pcma = " codec-%-opus codec-%-PCMA codec-%-G722 codec-%-CN transcode-PCMA";
  const auto with = [&](std::string_view verb) {
    std::string rules = callee_takes_pcma;
    for (auto at = rules.find('%'); at != std::string::npos; at = rules.find('%')) rules.replace(at, 1, verb);
    return rules;
  };
  CHECK(has(answered(with("mask")), "SAVPF 111 110\r\n"));
  CHECK(has(answered(with("strip")), "SAVPF 0 126\r\n"));
  CHECK(has(Fixture().offer(kBrowserOffer, std::string(kTowardsSip) + " codec-strip-all"), "error: No codec is left"));
}

TEST_CASE("strip-all leaves what offer, except and transcode name; strip-full takes what transcode names too",
          "[negotiation]") {
  const auto offered = [](const std::string& rules) {
    Fixture fixture;
    const std::string out = fixture.offer(kBrowserOffer, std::string(kTowardsSip) + rules);
    std::vector<std::pair<std::string, bool>> named;
    if (fixture.callee.media.empty()) return named;
    for (const Codec& codec : fixture.callee.media[0].codecs) {
      if (!codec.is_event()) named.emplace_back(codec.name, codec.added);
    }
    return named;
  };
  using Named = std::vector<std::pair<std::string, bool>>;
  CHECK(offered(" codec-strip-all codec-offer-PCMA codec-offer-PCMU") == Named{{"PCMA", false}, {"PCMU", false}});
  CHECK(offered(" codec-strip-all codec-except-PCMA codec-except-PCMU") == Named{{"PCMU", false}, {"PCMA", false}});
  CHECK(offered(" codec-strip-all transcode-PCMA") == Named{{"PCMA", false}});
  CHECK(offered(" codec-strip-full codec-except-PCMU transcode-PCMA") == Named{{"PCMU", false}, {"PCMA", true}});
  CHECK(offered(" codec-strip-PCMA codec-mask-all codec-except-PCMU transcode-PCMA") ==
        Named{{"PCMU", false}, {"PCMA", true}});
  CHECK(offered(" codec-offer-PCMA") ==
        Named{{"PCMA", false}, {"opus", false}, {"G722", false}, {"PCMU", false}, {"CN", false}});
}

namespace {

constexpr std::string_view kVideo =
    "m=video 51002 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 198.51.100.4\r\na=mid:1\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\na=setup:actpass\r\na=fingerprint:sha-256 "
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtcp-fb:* nack pli\r\n"
    "a=rtcp-fb:96 goog-remb\r\na=rtcp-mux\r\n";

}  // namespace

TEST_CASE("a section that has no codec left is refused in its place, the call goes on", "[negotiation]") {
  const std::string restricted = std::string(kTowardsSip) + " codec-mask-all transcode-PCMU";
  Fixture fixture;
  std::string video_first(kBrowserOffer);
  video_first.insert(video_first.find("m=audio"), kVideo);
  const std::string offered = fixture.offer(video_first, restricted);
  CAPTURE(offered);
  CHECK(has(offered, "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\n"));
  CHECK(offered.find("m=video 0") < offered.find("m=audio 30002"));
  CHECK(fixture.next_port == 30004);
  std::string answer(kTrunkAnswer);
  answer.insert(answer.find("m=audio"), "m=video 0 RTP/AVP 96 97\r\n");
  const std::string answered = fixture.answer(answer, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\n"));
  CHECK(answered.find("m=video 0") < answered.find("m=audio 30000 UDP/TLS/RTP/SAVPF 111 110\r\n"));
  CHECK(plan_legs(fixture.caller, fixture.environment).size() == 1);
  CHECK(plan_paths(fixture.caller, fixture.callee).size() == 1);

  // The next offer goes where the rules are others: the section opens again.
  CHECK(has(fixture.offer(video_first, kTowardsSip), "m=video 30006 RTP/AVP 96\r\n"));
  CHECK(has(Fixture().offer("v=0\r\no=- 1 1 IN IP4 198.51.100.4\r\ns=-\r\nt=0 0\r\n" + std::string(kVideo), restricted),
            "error: No codec is left to offer"));
}

TEST_CASE("a section in whose answer no codec is shared is refused, the others go on", "[negotiation]") {
  Fixture fixture;
  fixture.offer(std::string(kBrowserOffer) + std::string(kVideo), kTowardsSip);
  const std::string with_h264 = std::string(kTrunkAnswer) + "m=video 7002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n";
  const std::string answered = fixture.answer(with_h264, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "m=audio 30000 UDP/TLS/RTP/SAVPF 0 126\r\n"));
  CHECK(has(answered, "m=video 0 UDP/TLS/RTP/SAVPF 99\r\na=rtpmap:99 H264/90000\r\na=mid:1\r\n"));
  CHECK(plan_legs(fixture.callee, fixture.environment).size() == 1);
  Fixture alone;
  alone.offer(kTrunkOffer, "RTP/AVP");
  std::string none(kTrunkAnswer);
  none.replace(none.find("a=rtpmap:0 PCMU/8000"), 20, "a=rtpmap:0 SPEEX/8000");
  CHECK(has(alone.answer(none, "RTP/AVP"), "error: The two sides share no codec"));
}

TEST_CASE("feedback for every format of a section is passed on where there is feedback", "[negotiation]") {
  const std::string both = std::string(kBrowserOffer) + std::string(kVideo);
  const std::string to_browser = Fixture().offer(both, "ICE=force UDP/TLS/RTP/SAVPF");
  CHECK(has(to_browser, "a=rtcp-fb:* nack pli\r\n"));
  CHECK(has(to_browser, "a=rtcp-fb:96 goog-remb\r\n"));
  CHECK(to_browser.find("rtcp-fb:*") > to_browser.find("m=video"));
  CHECK_FALSE(has(Fixture().offer(both, kTowardsSip), "rtcp-fb"));
  const std::string audio = std::string(kTrunkOffer) + "a=rtcp-fb:* ccm tmmbr\r\n";
  CHECK(has(Fixture().offer(audio, kTowardsBrowser), "a=rtcp-fb:* ccm tmmbr\r\n"));
  CHECK_FALSE(has(Fixture().offer(audio, std::string(kTowardsBrowser) + " codec-mask-all transcode-opus"), "rtcp-fb:*"));
}

TEST_CASE("the sender's names are replaced on demand", "[negotiation]") {
  std::string offer(kTrunkOffer);
  offer.replace(offer.find("s=-"), 3, "s=Anna's telephone");
  const std::string kept = Fixture().offer(offer, "replace-origin RTP/AVP");
  CHECK(has(kept, "o=trunk 1 1 IN IP4 192.0.2.10\r\ns=Anna's telephone\r\n"));
  const std::string replaced = Fixture().offer(offer, "replace-username replace-session-name RTP/AVP");
  CHECK(has(replaced, "o=- 1 1 IN IP4 203.0.113.5\r\ns=-\r\n"));
}

TEST_CASE("the version of the SDP grows with every change and only then", "[negotiation]") {
  const std::string flags = "replace-SDP-version replace-origin RTP/AVP";
  const auto with_version = [](std::string_view version) {
    std::string offer(kTrunkOffer);
    return offer.replace(offer.find("trunk 1 1 "), 10, "trunk 1 " + std::string(version) + ' ');
  };
  const auto version = [](const std::string& sdp) {
    const std::string_view rest = std::string_view(sdp).substr(sdp.find("o=trunk 1 ") + 10);
    return std::string(rest.substr(0, rest.find(' ')));
  };
  Fixture fixture;
  CHECK(version(fixture.offer(with_version("7"), flags)) == "7");
  CHECK(version(fixture.offer(with_version("9"), flags)) == "7");
  CHECK(version(fixture.offer(with_version("3") + "a=sendonly\r\n", flags)) == "8");
  CHECK(version(fixture.offer(with_version("3") + "a=sendonly\r\n", flags)) == "8");
  CHECK(version(fixture.offer(with_version("3"), flags)) == "9");
  CHECK(version(fixture.answer(kTrunkAnswer, flags)) == "1");  // the other side has a count of its own
  CHECK(version(Fixture().offer(with_version("3"), "RTP/AVP")) == "3");
}

TEST_CASE("ICE towards the callee follows the caller by default, and is there in any case with optional",
          "[negotiation]") {
  const std::string plain = "DTLS=off SDES-off RTP/AVP ";
  for (const auto ice : {"", "ICE=default"}) {
    CHECK(has(Fixture().offer(kBrowserOffer, plain + ice), "a=ice-ufrag:"));
    CHECK_FALSE(has(Fixture().offer(kTrunkOffer, plain + ice), "a=ice-ufrag:"));
  }
  const std::string out = Fixture().offer(kBrowserOffer, plain + "ICE=default");
  CHECK_FALSE(has(out, "198.51.100.4"));  // candidates are ours, the caller's are gone
  CHECK(has(Fixture().offer(kTrunkOffer, plain + "ICE=optional"), "a=ice-ufrag:"));
  CHECK(has(Fixture().offer(kBrowserOffer, plain + "ICE=optional"), "a=ice-ufrag:"));
}

TEST_CASE("rtcp-mux is offered, taken, refused or hidden as the flags say", "[negotiation]") {
  const auto muxed = [](std::string_view to_trunk, std::string_view to_browser) {
    Fixture fixture;
    std::string offer(kBrowserOffer);
    const bool offered = has(fixture.offer(offer, "DTLS=off SDES-off ICE=remove RTP/AVP " + std::string(to_trunk)),
                             "a=rtcp-mux");
    std::string answer(kTrunkAnswer);
    if (offered) answer += "a=rtcp-mux\r\n";
    const std::string answered = fixture.answer(answer, "UDP/TLS/RTP/SAVPF " + std::string(to_browser));
    const auto leg = std::move(plan_legs(fixture.caller, fixture.environment).at(0));
    CHECK(has(answered, "a=rtcp-mux\r\n") == leg.rtcp_mux);
    CHECK(read_remote_media(*sdp::parse(answered), 0).rtcp->port.value == (leg.rtcp_mux ? 30000 : 30001));
    return std::pair{offered, leg.rtcp_mux};
  };
  using Muxed = std::pair<bool, bool>;  // towards the trunk, towards the browser
  CHECK(muxed("", "") == Muxed{true, true});
  CHECK(muxed("rtcp-mux-accept", "rtcp-mux-accept") == Muxed{true, true});
  CHECK(muxed("rtcp-mux-demux", "") == Muxed{false, true});
  CHECK(muxed("rtcp-mux-demux", "rtcp-mux-reject") == Muxed{false, false});
  CHECK(muxed("rtcp-mux-offer", "rtcp-mux-reject") == Muxed{true, false});
  Fixture plain;
  CHECK_FALSE(has(plain.offer(kTrunkOffer, "RTP/AVP"), "rtcp-mux"));
  CHECK_FALSE(has(plain.answer(kTrunkAnswer, "RTP/AVP rtcp-mux-accept"), "rtcp-mux"));
}

TEST_CASE("in an answer DTLS=active takes the client's role where the offer leaves it open", "[negotiation]") {
  const auto answered = [](std::string_view setup, std::string_view flags) {
    Fixture fixture;
    std::string offer(kBrowserOffer);
    offer.replace(offer.find("a=setup:actpass"), 15, "a=setup:" + std::string(setup));
    fixture.offer(offer, kTowardsSip);
    const std::string out = fixture.answer(kTrunkAnswer, "UDP/TLS/RTP/SAVPF ICE=force " + std::string(flags));
    const auto leg = std::move(plan_legs(fixture.caller, fixture.environment).at(0));
    const bool active = std::get<session::DtlsSecurity>(leg.security).role == dtls::Role::Active;
    CHECK(has(out, active ? "a=setup:active\r\n" : "a=setup:passive\r\n"));
    return active;
  };
  CHECK(answered("actpass", "DTLS=active"));
  CHECK_FALSE(answered("actpass", "DTLS=passive"));
  CHECK_FALSE(answered("actpass", ""));
  CHECK_FALSE(answered("active", "DTLS=active"));
  CHECK(answered("passive", "DTLS=passive"));
}

TEST_CASE("codec except spares a codec from mask and adds none that was not offered", "[negotiation]") {
  Fixture fixture;
  const std::string out = fixture.offer(
      kBrowserOffer, std::string(kTowardsSip) + " codec-mask-all codec-except-PCMA codec-except-GSM transcode-PCMU");
  CHECK(has(out, "RTP/AVP 8 0 126\r\n"));
  CHECK_FALSE(fixture.callee.media[0].codecs[0].added);
  CHECK(fixture.callee.media[0].codecs[1].added);
  std::string answer(kTrunkAnswer);
  answer.replace(answer.find("RTP/AVP 0"), 9, "RTP/AVP 8");
  CHECK(has(fixture.answer(answer, kTowardsBrowser), "SAVPF 8 126\r\n"));
}

namespace {

constexpr std::string_view kCrypto =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n";

const session::Security& security_of(const Side& side, Fixture& fixture) {
  static std::vector<session::LegPlan> legs;
  legs = plan_legs(side, fixture.environment);
  return legs.at(0).security;
}

}  // namespace

TEST_CASE("keys under RTP/AVP are offered, and taken or not, RFC 8643", "[negotiation]") {
  const std::string flags = "ICE=remove DTLS=off RTP/AVP OSRTP-offer";
  Fixture taken;
  const std::string offered = taken.offer(kTrunkOffer, flags);
  CHECK(has(offered, "RTP/AVP 8 0 101\r\n"));
  CHECK(has(offered, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
  const std::string answered = taken.answer(std::string(kTrunkAnswer) + std::string(kCrypto), "RTP/AVP");
  CHECK_FALSE(has(answered, "crypto"));
  CHECK(std::get<session::SdesSecurity>(security_of(taken.callee, taken)).receive.has_value());
  CHECK(std::holds_alternative<session::PlainSecurity>(security_of(taken.caller, taken)));
  Fixture not_taken;
  not_taken.offer(kTrunkOffer, flags);
  CHECK(has(not_taken.answer(kTrunkAnswer, "RTP/AVP"), "RTP/AVP 0 101\r\n"));
  CHECK(std::holds_alternative<session::PlainSecurity>(security_of(not_taken.callee, not_taken)));
}

TEST_CASE("keys that a caller offers under RTP/AVP are taken with OSRTP-accept and left without", "[negotiation]") {
  const std::string offer = std::string(kTrunkOffer) + std::string(kCrypto);
  Fixture taken;
  CHECK_FALSE(has(taken.offer(offer, "RTP/AVP"), "crypto"));
  const std::string answered = taken.answer(kTrunkAnswer, "RTP/AVP OSRTP-accept");
  CHECK(has(answered, "RTP/AVP 0 101\r\n"));
  CHECK(has(answered, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
  CHECK(std::get<session::SdesSecurity>(security_of(taken.caller, taken)).receive.has_value());
  Fixture left;
  left.offer(offer, "RTP/AVP");
  CHECK_FALSE(has(left.answer(kTrunkAnswer, "RTP/AVP"), "crypto"));
  CHECK(std::holds_alternative<session::PlainSecurity>(security_of(left.caller, left)));
}
