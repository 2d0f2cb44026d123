#include "proxy/core/teardown_blob.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "tests/support/sealed_peers.h"

using namespace proxy::core;
using tests::connection_peer;
using tests::flow_peer;
using tests::sealer_of;
using tests::trunk_peer;

namespace {

TeardownBlob blob() {
  TeardownBlob blob;
  blob.time = 5;
  blob.call_id = "call";
  blob.caller = {flow_peer(), "<sip:alice@example.org>;tag=1", "sip:x@y.invalid;transport=ws", {}, 4};
  blob.callee = {
      trunk_peer("192.0.2.1:5060"), "<sip:+49@c>;tag=2", "sip:+49@192.0.2.1", {"<sip:r1;lr>", "<sip:r2;lr>"}, 9};
  return blob;
}

const Sealer kSealer = sealer_of("secret");

}  // namespace

TEST_CASE("a teardown blob comes back whole and only from us", "[cookie]") {
  TeardownBlob one = blob();
  SECTION("as it usually is") {}
  SECTION("with connections") { one.caller.peer = one.callee.peer = connection_peer(); }
  SECTION("with empty texts") { one.call_id = one.caller.party = one.callee.target = ""; }
  SECTION("with the longest texts and most routes") {
    one.call_id = std::string(4096, 'i');
    one.callee.route_set.assign(32, "<sip:r;lr>");
  }
  const auto text = seal_teardown_blob(kSealer, one);
  REQUIRE(text);
  CHECK(open_teardown_blob(kSealer, *text) == one);
  CHECK_FALSE(open_teardown_blob(sealer_of("other"), *text));
}

TEST_CASE("a call with more than a blob may carry gets none", "[cookie][attack]") {
  TeardownBlob one = blob();
  SECTION("Call-ID") { one.call_id = std::string(4097, 'i'); }
  SECTION("party") { one.caller.party = std::string(4097, 'p'); }
  SECTION("target") { one.callee.target = std::string(4097, 't'); }
  SECTION("a route") { one.callee.route_set = {std::string(4097, 'r')}; }
  SECTION("number of routes") { one.callee.route_set.assign(33, "<sip:r;lr>"); }
  SECTION("all of it together") { one.callee.route_set.assign(8, std::string(4096, 'r')); }
  CHECK_FALSE(seal_teardown_blob(kSealer, one));
}

TEST_CASE("what a stranger sends is no teardown blob", "[cookie][attack]") {
  for (const auto* text : {"", "nonsense", "not base64!"}) CHECK_FALSE(open_teardown_blob(kSealer, text));
  CHECK_FALSE(open_teardown_blob(kSealer, std::string(32769, 'A')));
}

TEST_CASE("what we have sealed in another form is no teardown blob", "[cookie][attack]") {
  const auto with_contents = [](const common::Bytes& contents) {
    return common::base64url_encode(kSealer.seal(contents, "teardown"));
  };
  const auto whole = common::base64url_decode(seal_teardown_blob(kSealer, blob()).value()).value();
  const auto contents = kSealer.open(whole, "teardown").value();
  REQUIRE(open_teardown_blob(kSealer, with_contents(contents)));
  common::Bytes longer = contents;
  longer.push_back(0);
  CHECK_FALSE(open_teardown_blob(kSealer, with_contents(longer)));
  for (std::size_t length = 1; length < contents.size(); ++length) {
    CHECK_FALSE(open_teardown_blob(
        kSealer, with_contents({contents.begin(), contents.begin() + static_cast<std::ptrdiff_t>(length)})));
  }
}
