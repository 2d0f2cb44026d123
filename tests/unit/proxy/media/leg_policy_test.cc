#include "proxy/media/leg_policy.h"

#include <catch2/catch.hpp>

using namespace proxy::media;
using proxy::core::Leg;
using proxy::transport::Kind;
using proxy::trunk::SrtpPolicy;

namespace {

const Party kBrowser{Leg::Browser, Kind::Wss, nullptr, false};
const Party kPhone{Leg::Phone, Kind::Udp, nullptr, false};

Party trunk_party(const proxy::trunk::Trunk& trunk) {
  return {Leg::Trunk, trunk.transport.value_or(Kind::Udp), &trunk, false};
}

}  // namespace

TEST_CASE("a browser is offered DTLS, ICE and multiplexed RTCP", "[media]") {
  const auto flags = offer_flags(kPhone, kBrowser, {}, true);
  CHECK(flags.transport_protocol == ng::TransportProtocol::UdpTlsRtpSavpf);
  CHECK(flags.ice == ng::Ice::Force);
  CHECK(flags.dtls == ng::Dtls::Passive);
  CHECK(flags.rtcp_mux.offer);
  CHECK(flags.generate_mid);
  CHECK(flags.sdes.off);
  CHECK(answer_flags(kPhone, kBrowser, {}).dtls == ng::Dtls::Unset);
}

TEST_CASE("a trunk is offered what it is configured for", "[media]") {
  proxy::trunk::Trunk trunk;
  trunk.codecs = {"PCMA", "PCMU"};
  SECTION("RTP") {
    const auto flags = offer_flags(kBrowser, trunk_party(trunk), {}, true);
    CHECK(flags.transport_protocol == ng::TransportProtocol::RtpAvp);
    CHECK(flags.ice == ng::Ice::Remove);
    CHECK(flags.dtls == ng::Dtls::Off);
    CHECK(flags.sdes.off);
    CHECK(flags.codec.mask == std::vector<std::string>{"all"});
    CHECK(flags.codec.transcode == trunk.codecs);
  }
  SECTION("SDES required") {
    trunk.srtp = SrtpPolicy::SdesRequired;
    const auto flags = offer_flags(kBrowser, trunk_party(trunk), {}, true);
    CHECK(flags.transport_protocol == ng::TransportProtocol::RtpSavp);
    CHECK_FALSE(flags.sdes.off);
    CHECK_FALSE(flags.osrtp.offer);
  }
  SECTION("SDES preferred, RFC 8643") {
    trunk.srtp = SrtpPolicy::SdesPreferred;
    const auto flags = offer_flags(kBrowser, trunk_party(trunk), {}, true);
    CHECK(flags.transport_protocol == ng::TransportProtocol::RtpAvp);
    CHECK(flags.osrtp.offer);
  }
  SECTION("without a list of codecs the caller's stay") {
    trunk.codecs.clear();
    CHECK(offer_flags(kBrowser, trunk_party(trunk), {}, true).codec == ng::CodecRules{});
  }
}

TEST_CASE("keys are offered to a phone only over encrypted signalling", "[media]") {
  CHECK_FALSE(offer_flags(kBrowser, kPhone, {}, true).osrtp.offer);
  CHECK(offer_flags(kBrowser, {Leg::Phone, Kind::Tls, nullptr, false}, {}, true).osrtp.offer);
}

TEST_CASE("the policy's interfaces follow the direction of the offer", "[media]") {
  const proxy::routing::MediaPolicy policy{true, "inside", "outside", false};
  CHECK(offer_flags(kPhone, kBrowser, policy, true).direction == std::vector<std::string>{"inside", "outside"});
  CHECK(offer_flags(kPhone, kBrowser, policy, false).direction == std::vector<std::string>{"outside", "inside"});
  CHECK(offer_flags(kPhone, kBrowser, {}, true).direction.empty());
}

TEST_CASE("a trunk's own interface is its side's, whoever calls, unless the route names one", "[media]") {
  proxy::trunk::Trunk trunk;
  trunk.interface = "inside";
  const Party carrier = trunk_party(trunk);
  using Names = std::vector<std::string>;
  for (const bool from_caller : {true, false}) {
    CHECK(offer_flags(carrier, kBrowser, {}, from_caller).direction == Names{"inside", ""});
    CHECK(offer_flags(kBrowser, carrier, {}, from_caller).direction == Names{"", "inside"});
  }
  const proxy::routing::MediaPolicy of_callee{true, "", "elsewhere", false};
  CHECK(offer_flags(kBrowser, carrier, of_callee, true).direction == Names{"", "elsewhere"});
  CHECK(offer_flags(carrier, kBrowser, of_callee, false).direction == Names{"elsewhere", ""});
  const proxy::routing::MediaPolicy of_caller{true, "outside", "", false};
  CHECK(offer_flags(kBrowser, carrier, of_caller, true).direction == Names{"outside", "inside"});
}

TEST_CASE("a phone behind NAT is not taken at its word", "[media]") {
  Party hidden = kPhone;
  hidden.behind_nat = true;
  CHECK_FALSE(offer_flags(hidden, kBrowser, {}, true).trust_address);
  CHECK(offer_flags(kPhone, kBrowser, {}, true).trust_address);
}
