#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "proxy/core/branch.h"
#include "proxy/core/dialog_cookie.h"
#include "proxy/core/sealer.h"
#include "proxy/core/teardown_blob.h"
#include "proxy/core/via_cookie.h"

using namespace proxy::core;
using common::as_bytes;

namespace {

Sealer sealer_of(std::string_view secret) { return Sealer{Sealer::derive(as_bytes(secret))}; }

Peer browser() {
  Peer peer;
  peer.by = Peer::By::FlowId;
  peer.leg = Leg::Browser;
  peer.kind = proxy::transport::Kind::Wss;
  peer.listener = {3};
  peer.owner = owner_of_user("alice");
  peer.flow_id = "AAECAwQFBgcICQoL";
  return peer;
}

Peer trunk(std::string_view address) {
  Peer peer;
  peer.leg = Leg::Trunk;
  peer.owner = owner_of_trunk("carrier");
  peer.remote = *common::SocketAddress::parse(address);
  return peer;
}

DialogCookie cookie_to(std::string_view address) {
  DialogCookie cookie;
  cookie.time = 1764000000;
  cookie.media = {.relayed = true, .require_encryption = true, .route = 0x1234, .relay = 1, .relay_boot = 0xbeef};
  cookie.room_to_callee = true;
  cookie.late_offer = true;
  cookie.attempt = 3;
  cookie.caller = browser();
  cookie.callee = trunk(address);
  cookie.callee_tag = tag_hash(as_bytes("key"), "callee-tag");
  return cookie;
}

}  // namespace

TEST_CASE("equal contents for equal readers give equal sealed bytes, and nobody else opens them", "[cookie][rfc5297]") {
  const Sealer sealer = sealer_of("secret");
  const auto sealed = sealer.seal(as_bytes("contents"), "for whom");
  CHECK(sealed.size() == 8 + Sealer::kOverhead);
  CHECK(sealer.seal(as_bytes("contents"), "for whom") == sealed);
  CHECK(sealer.open(sealed, "for whom") == common::Bytes{'c', 'o', 'n', 't', 'e', 'n', 't', 's'});
  CHECK_FALSE(sealer.open(sealed, "for another"));
}

TEST_CASE("every changed bit of a sealed text is noticed", "[cookie]") {
  const Sealer sealer = sealer_of("secret");
  const auto sealed = sealer.seal(as_bytes("contents"), "ad");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    CHECK_FALSE(sealer.open(changed, "ad"));
  }
  CHECK_FALSE(sealer.open(common::ByteSpan{sealed}.first(Sealer::kOverhead), "ad"));
  CHECK_FALSE(sealer.open({}, "ad"));
}

TEST_CASE("what either of two keys has sealed opens, and a key that was taken out opens nothing", "[cookie]") {
  const auto one = Sealer::derive(as_bytes("one"));
  const auto two = Sealer::derive(as_bytes("two"));
  const auto by_one = Sealer{one}.seal(as_bytes("x"), "ad");
  const Sealer rotated{two, one};
  const auto by_two = rotated.seal(as_bytes("x"), "ad");
  CHECK(by_two == Sealer{two}.seal(as_bytes("x"), "ad"));
  CHECK(rotated.open(by_one, "ad"));
  CHECK(rotated.open(by_two, "ad"));
  CHECK(Sealer{one, two}.open(by_two, "ad"));
  CHECK_FALSE(Sealer{two}.open(by_one, "ad"));
}

TEST_CASE("two keys may have the same id", "[cookie]") {
  const Sealer::Key one{5, common::Bytes(32, 1)};
  const Sealer::Key two{5, common::Bytes(32, 2)};
  CHECK(Sealer{one, two}.open(Sealer{two}.seal(as_bytes("x"), "ad"), "ad"));
  CHECK(Sealer{one, two}.open(Sealer{one}.seal(as_bytes("x"), "ad"), "ad"));
}

TEST_CASE("a key of 64 bytes means AES-256-SIV", "[cookie]") {
  const Sealer sealer{Sealer::Key{1, common::Bytes(64, 7)}};
  CHECK(sealer.open(sealer.seal(as_bytes("x"), "ad"), "ad"));
}

TEST_CASE("a dialog cookie has about 80 characters with IPv4 and 100 with IPv6", "[cookie]") {
  const Sealer sealer = sealer_of("secret");
  CHECK(seal_dialog_cookie(sealer, cookie_to("192.0.2.1:5060"), "call", "tag").size() == 84);
  CHECK(seal_dialog_cookie(sealer, cookie_to("[2001:db8::1]:5060"), "call", "tag").size() == 100);
}

TEST_CASE("a dialog cookie tells from the matching tag who sent the request", "[cookie]") {
  const Sealer sealer = sealer_of("secret");
  const DialogCookie cookie = cookie_to("[2001:db8::1]:5060");
  const auto text = seal_dialog_cookie(sealer, cookie, "call", "caller");
  const auto forward = open_dialog_cookie(sealer, text, "call", "caller", "callee");
  REQUIRE(forward);
  CHECK(forward->direction == Direction::FromCaller);
  CHECK(forward->cookie == cookie);
  const auto backward = open_dialog_cookie(sealer, text, "call", "callee", "caller");
  REQUIRE(backward);
  CHECK(backward->direction == Direction::FromCallee);
  CHECK_FALSE(open_dialog_cookie(sealer, text, "call2", "caller", "callee"));
  CHECK_FALSE(open_dialog_cookie(sealer, text, "call", "other", "callee"));
  CHECK_FALSE(open_dialog_cookie(sealer, text, "call", "", ""));
  CHECK_FALSE(open_dialog_cookie(sealer, "alice", "call", "caller", "callee"));
}

TEST_CASE("a dialog cookie that names connections of a process comes back whole", "[cookie]") {
  const Sealer sealer = sealer_of("secret");
  DialogCookie cookie = cookie_to("192.0.2.1:5060");
  cookie.caller.by = Peer::By::Connection;
  cookie.caller.flow_id.clear();
  cookie.caller.connection = {77};
  cookie.caller.boot = 0x12345678;
  cookie.callee_tag = 0;
  const auto text = seal_dialog_cookie(sealer, cookie, "call", "caller");
  CHECK(open_dialog_cookie(sealer, text, "call", "caller", "")->cookie == cookie);
}

TEST_CASE("a Via cookie opens only above the Via it was made for", "[cookie][attack]") {
  const Sealer sealer = sealer_of("secret");
  ViaCookie cookie;
  cookie.inbound = trunk("192.0.2.7:5062");
  cookie.egress = {2};
  cookie.next_owner = owner_of_trunk("carrier");
  cookie.media = {.relayed = true, .require_encryption = true, .route = 7, .relay = 2, .relay_boot = 3};
  cookie.cseq_room = true;
  cookie.from_callee = true;
  cookie.sdp = ViaCookie::Sdp::Answer;
  cookie.attempt = 2;
  cookie.target = 5;
  const std::string via = "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=192.0.2.7;rport=5062";
  const auto ck = seal_via_cookie(sealer, cookie, via, "call");
  CHECK(open_via_cookie(sealer, ck, via, "call") == cookie);
  CHECK_FALSE(open_via_cookie(sealer, ck, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=192.0.2.7;rport=9", "call"));
  CHECK_FALSE(open_via_cookie(sealer, ck, via, "another call"));
}

TEST_CASE("a branch repeats for a repeated request and differs for every other", "[branch]") {
  const common::Bytes key(32, 1);
  const BranchInput input{"z9hG4bKabc", "192.0.2.1:5060", "call", "tag", 7, 0, "sip:b@example.org"};
  const auto branch = make_branch(key, input, 0x01020304, 1);
  CHECK(branch.starts_with("z9hG4bK"));
  CHECK(make_branch(key, input, 0x01020304, 1) == branch);
  auto other = input;
  other.attempt = 1;
  CHECK(make_branch(key, other, 0x01020304, 1) != branch);
  other = input;
  other.target = "sip:c@example.org";
  CHECK(make_branch(key, other, 0x01020304, 1) != branch);
  const auto read = read_branch(branch);
  REQUIRE(read);
  CHECK(read->loop == 0x01020304);
  CHECK(read->depth == 1);
  CHECK_FALSE(read_branch("z9hG4bKabc"));
}

TEST_CASE("a loop hash changes with the fields that route a request", "[branch][rfc5393]") {
  const common::Bytes key(32, 1);
  CHECK(loop_hash(key, "sip:a@x") == loop_hash(key, "sip:a@x"));
  CHECK(loop_hash(key, "sip:a@x") != loop_hash(key, "sip:b@x"));
}

TEST_CASE("a teardown blob comes back whole and only from us", "[cookie]") {
  const Sealer sealer = sealer_of("secret");
  TeardownBlob blob;
  blob.time = 5;
  blob.call_id = "call";
  blob.caller = {browser(), "<sip:alice@example.org>;tag=1", "sip:x@y.invalid;transport=ws", {}, 4};
  blob.callee = {trunk("192.0.2.1:5060"), "<sip:+49@c>;tag=2", "sip:+49@192.0.2.1", {"<sip:r1;lr>", "<sip:r2;lr>"}, 9};
  const auto text = seal_teardown_blob(sealer, blob);
  REQUIRE(text);
  CHECK(open_teardown_blob(sealer, *text) == blob);
  CHECK_FALSE(open_teardown_blob(sealer_of("other"), *text));
  CHECK_FALSE(open_teardown_blob(sealer, "nonsense"));
}
