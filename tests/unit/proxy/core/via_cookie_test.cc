#include "proxy/core/via_cookie.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "tests/support/sealed_peers.h"

using namespace proxy::core;
using tests::connection_peer;
using tests::flow_peer;
using tests::sealer_of;
using tests::trunk_peer;

namespace {

constexpr std::string_view kVia = "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=192.0.2.7;rport=5062";

ViaCookie cookie() {
  ViaCookie cookie;
  cookie.inbound = trunk_peer("192.0.2.7:5062");
  cookie.egress = {2};
  cookie.next_owner = owner_of_trunk("carrier");
  cookie.media = {.relayed = true, .require_encryption = true, .route = 7, .relay = 2, .relay_boot = 3};
  cookie.cseq_room = true;
  cookie.from_callee = true;
  cookie.sdp = ViaCookie::Sdp::Answer;
  cookie.attempt = 2;
  cookie.target = 5;
  cookie.time = 1764000000;
  return cookie;
}

std::string sealed(const ViaCookie& cookie) { return seal_via_cookie(sealer_of("secret"), cookie, kVia, "call"); }

std::optional<ViaCookie> opened(std::string_view ck, std::string_view next_via = kVia,
                                std::string_view call_id = "call") {
  return open_via_cookie(sealer_of("secret"), ck, next_via, call_id);
}

}  // namespace

TEST_CASE("a Via cookie opens only above the Via it was made for", "[cookie][attack]") {
  const std::string ck = sealed(cookie());
  CHECK(opened(ck) == cookie());
  CHECK_FALSE(opened(ck, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=192.0.2.7;rport=9"));
  CHECK_FALSE(opened(ck, kVia, "another call"));
  CHECK_FALSE(open_via_cookie(sealer_of("other"), ck, kVia, "call"));
}

TEST_CASE("a Via cookie comes back whole, whatever it is about", "[cookie]") {
  ViaCookie one = cookie();
  SECTION("a browser's request") { one.inbound = flow_peer(); }
  SECTION("a connection's request") { one.inbound = connection_peer(); }
  SECTION("an IPv6 trunk's request") { one.inbound = trunk_peer("[2001:db8::1]:5060"); }
  SECTION("signalling only") { one.media = {}; }
  SECTION("an offer") { one.sdp = ViaCookie::Sdp::Offer; }
  SECTION("no SDP and no flags") {
    one.sdp = ViaCookie::Sdp::None;
    one.cseq_room = one.from_callee = false;
  }
  const std::string ck = sealed(one);
  CHECK(ck.size() <= 160);
  CHECK(opened(ck) == one);
}

TEST_CASE("a cookie of the release before, which does not tell its process, is read too", "[cookie]") {
  const std::string associated = "via\n" + std::string{kVia} + "\ncall";
  const auto whole = common::base64url_decode(sealed(cookie())).value();
  auto contents = sealer_of("secret").open(whole, associated).value();
  contents.resize(contents.size() - 4);
  const auto older = opened(common::base64url_encode(sealer_of("secret").seal(contents, associated)));
  REQUIRE(older);
  CHECK(older->boot == 0);
  CHECK(older->time == cookie().time);
}

TEST_CASE("any other parameter value is no Via cookie", "[cookie][attack]") {
  for (const auto* text : {"", "1", "not base64 at all"}) CHECK_FALSE(opened(text));
  CHECK_FALSE(opened(std::string(161, 'A')));
}

TEST_CASE("what we have sealed in another form is no Via cookie", "[cookie][attack]") {
  const std::string associated = "via\n" + std::string{kVia} + "\ncall";
  const auto with_contents = [&](const common::Bytes& contents) {
    return common::base64url_encode(sealer_of("secret").seal(contents, associated));
  };
  const auto whole = common::base64url_decode(sealed(cookie())).value();
  const auto contents = sealer_of("secret").open(whole, associated).value();
  REQUIRE(opened(with_contents(contents)));
  common::Bytes longer = contents;
  longer.push_back(0);
  CHECK_FALSE(opened(with_contents(longer)));
  CHECK_FALSE(opened(with_contents({contents.begin(), contents.end() - 1})));
  common::Bytes unknown_sdp = contents;
  unknown_sdp[contents.size() - 11] = 0x30;  // the flags stand before attempt, target, time and boot
  CHECK_FALSE(opened(with_contents(unknown_sdp)));
}
