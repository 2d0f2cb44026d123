#include "tests/unit/relay/negotiation/exchange_scene.h"

using namespace relay;
using namespace relay::negotiation;

namespace {

constexpr std::string_view kCrypto =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n";

constexpr std::string_view kFingerprint =
    "a=fingerprint:sha-256 "
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"
    "a=setup:active\r\n";

std::string with_protocol(std::string_view sdp, std::string_view protocol) {
  std::string text(sdp);
  return text.replace(text.find("RTP/AVP"), 7, protocol);
}

/// What is agreed with a callee that is offered `offered` (a protocol and other flags) and answers `protocol` with
/// `keys`, or the error.
std::string answered(std::string_view offered, std::string_view protocol, std::string_view keys = "") {
  Fixture fixture;
  fixture.offer(kTrunkOffer, "ICE=remove " + std::string(offered));
  const std::string out = fixture.answer(with_protocol(kTrunkAnswer, protocol) + std::string(keys), "");
  return has(out, "error: ") ? out : std::string(ng::to_string(fixture.callee.media[0].protocol));
}

const session::Security& security_of(const Side& side, Fixture& fixture) {
  static std::vector<session::LegPlan> legs;
  legs = plan_legs(side, fixture.environment);
  return legs.at(0).security;
}

}  // namespace

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

TEST_CASE("required encryption refuses a plain leg instead of allowing it", "[negotiation]") {
  Fixture fixture;
  fixture.offer(kTrunkOffer, "trust-address RTP/AVP");
  CHECK(has(fixture.answer(kTrunkAnswer, "trust-address RTP/AVP require-encryption"), "error: Encryption is required"));
}

TEST_CASE("required encryption holds for the far side of an offer too", "[negotiation]") {
  const std::string required = "require-encryption ICE=remove ";
  CHECK(
      has(Fixture().offer(kTrunkOffer, required + "RTP/SAVP"), "error: Encryption is required and the offer has none"));
  CHECK(has(Fixture().offer(kBrowserOffer, required + "DTLS=off RTP/AVP"), "error: Encryption is required"));
  CHECK(has(Fixture().offer(kBrowserOffer, required + "DTLS=off RTP/SAVP"), "a=crypto:1 "));
  Fixture opportunistic;
  CHECK(has(opportunistic.offer(kBrowserOffer, required + "DTLS=off RTP/AVP OSRTP-offer"), "a=crypto:1 "));
  CHECK(has(opportunistic.answer(kTrunkAnswer, required + "UDP/TLS/RTP/SAVPF"), "error: Encryption is required"));
}

TEST_CASE("an answer may not take less security than was offered", "[negotiation]") {
  for (const auto plain : {"RTP/AVP", "RTP/AVPF"}) {
    for (const auto secure : {"RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"}) {
      const std::string refusal = "error: Transport protocol mismatch: the answer takes " + std::string(plain) +
                                  " without keys where " + secure + " was offered";
      CHECK(answered(secure, plain) == refusal);
      CHECK(answered(secure, plain, ng::is_sdes(*ng::transport_protocol_from(secure)) ? kFingerprint : kCrypto) ==
            refusal);
    }
  }
  CHECK(has(answered("RTP/SAVP", "RTP/AVP",
                     "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n"),
            "without keys"));
  CHECK(has(answered("RTP/SAVP SDES-no-AES_CM_128_HMAC_SHA1_80", "RTP/AVP", kCrypto),
            "error: The answer names no SDES key for any suite that was offered"));
}

TEST_CASE("an answer may not take other keys than were offered", "[negotiation]") {
  const std::string keys = std::string(kFingerprint) + std::string(kCrypto);
  CHECK(answered("RTP/SAVP", "UDP/TLS/RTP/SAVP", keys) ==
        "error: Transport protocol mismatch: the answer takes UDP/TLS/RTP/SAVP where RTP/SAVP was offered");
  CHECK(answered("RTP/AVP", "UDP/TLS/RTP/SAVP", keys) ==
        "error: Transport protocol mismatch: the answer takes UDP/TLS/RTP/SAVP where RTP/AVP was offered");
  CHECK(answered("RTP/AVP", "RTP/SAVP", keys) ==
        "error: Transport protocol mismatch: the answer takes RTP/SAVP where RTP/AVP was offered");
  CHECK(answered("UDP/TLS/RTP/SAVP", "RTP/SAVP", kCrypto) == "error: The answer has no fingerprint for DTLS");
  CHECK(answered("RTP/AVP OSRTP-offer", "RTP/AVP", kCrypto) == "RTP/AVP");
  CHECK(answered("RTP/AVP OSRTP-offer", "RTP/SAVP", kCrypto) == "RTP/SAVP");
}

TEST_CASE("an answer may take feedback or leave it, whatever was offered, RFC 4585", "[negotiation]") {
  struct Case {
    std::string_view with, without, keys;
  };
  for (const Case& c : {Case{"RTP/AVPF", "RTP/AVP", ""}, Case{"RTP/SAVPF", "RTP/SAVP", kCrypto},
                        Case{"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", kFingerprint}}) {
    CHECK(answered(c.with, c.without, c.keys) == c.without);
    CHECK(answered(c.without, c.with, c.keys) == c.with);
  }
}

TEST_CASE("an answer that brings the offered keys is taken although its protocol does not say so", "[negotiation]") {
  CHECK(answered("RTP/SAVP", "RTP/AVP", kCrypto) == "RTP/SAVP");
  CHECK(answered("RTP/SAVPF", "RTP/AVP", kCrypto) == "RTP/SAVP");
  CHECK(answered("RTP/SAVP", "RTP/AVPF", kCrypto) == "RTP/SAVPF");
  CHECK(answered("UDP/TLS/RTP/SAVPF", "RTP/SAVPF", kFingerprint) == "UDP/TLS/RTP/SAVPF");
  CHECK(answered("UDP/TLS/RTP/SAVPF", "RTP/AVP", kFingerprint) == "UDP/TLS/RTP/SAVP");
}

TEST_CASE("whatever protocol the answerer takes, the offerer's answer bears its own", "[negotiation]") {
  const auto to_offerer = [](std::string_view own, std::string_view offered, std::string_view answer,
                             std::string_view keys) {
    Fixture fixture;
    fixture.offer(with_protocol(kTrunkOffer, own) + std::string(kCrypto), "ICE=remove " + std::string(offered));
    const std::string out = fixture.answer(with_protocol(kTrunkAnswer, answer) + std::string(keys), "");
    CAPTURE(own, offered, answer, out);
    CHECK(has(out, ' ' + std::string(own) + " 0 101\r\n"));
    CHECK(has(out, "a=crypto:") == ng::is_sdes(*ng::transport_protocol_from(own)));
  };
  to_offerer("RTP/AVP", "RTP/AVP", "RTP/AVPF", "");
  to_offerer("RTP/AVPF", "RTP/AVPF", "RTP/AVP", "");
  to_offerer("RTP/SAVP", "RTP/SAVP", "RTP/SAVPF", kCrypto);
  to_offerer("RTP/SAVPF", "RTP/SAVPF", "RTP/SAVP", kCrypto);
  to_offerer("RTP/SAVPF", "RTP/SAVP", "RTP/AVP", kCrypto);
  to_offerer("RTP/AVP", "RTP/SAVP", "RTP/AVP", kCrypto);
}

TEST_CASE("keys in use survive a re-offer that writes RTP/AVP above them, and end when it brings none",
          "[negotiation]") {
  Fixture fixture;
  fixture.offer(kTrunkOffer, "ICE=remove RTP/SAVP");
  fixture.answer(std::string(kTrunkAnswer) + std::string(kCrypto), "");
  const auto reoffered = [&](std::string_view keys, std::string_view flags) {
    REQUIRE(relay_offer(*sdp::parse(std::string(kTrunkAnswer) + std::string(keys)), Fixture::request("RTP/AVP"),
                        fixture.callee, fixture.caller, fixture.environment));
    const auto answer = relay_answer(*sdp::parse(kTrunkOffer), Fixture::request(flags), fixture.caller, fixture.callee,
                                     fixture.environment);
    return answer ? *answer : "error: " + answer.error().reason;
  };
  const std::string with_keys = reoffered(kCrypto, "");
  CHECK(has(with_keys, " RTP/AVP 0 101\r\n"));
  CHECK(has(with_keys, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
  CHECK(std::get<session::SdesSecurity>(security_of(fixture.callee, fixture)).receive.has_value());
  CHECK_FALSE(has(reoffered("", ""), "crypto"));
  CHECK(std::holds_alternative<session::PlainSecurity>(security_of(fixture.callee, fixture)));
  CHECK_FALSE(has(reoffered(kCrypto, ""), "crypto"));  // they are in use no more
}

TEST_CASE("keys that are gone do not count as encryption", "[negotiation]") {
  Fixture fixture;
  fixture.offer(std::string(kTrunkOffer) + std::string(kCrypto), "RTP/SAVP");
  fixture.answer(with_protocol(kTrunkAnswer, "RTP/SAVP") + std::string(kCrypto), "OSRTP-accept");
  fixture.offer(kTrunkOffer, "RTP/SAVP");
  CHECK(has(
      fixture.answer(with_protocol(kTrunkAnswer, "RTP/SAVP") + std::string(kCrypto), "OSRTP-accept require-encryption"),
      "error: Encryption is required"));
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
