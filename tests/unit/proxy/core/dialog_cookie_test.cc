#include "proxy/core/dialog_cookie.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "tests/support/sealed_peers.h"

using namespace proxy::core;
using tests::connection_peer;
using tests::flow_peer;
using tests::sealer_of;
using tests::trunk_peer;

namespace {

DialogCookie cookie_to(std::string_view address) {
  DialogCookie cookie;
  cookie.time = 1764000000;
  cookie.media = {.relayed = true, .require_encryption = true, .route = 0x1234, .relay = 1, .relay_boot = 0xbeef};
  cookie.room_to_callee = true;
  cookie.late_offer = true;
  cookie.attempt = 3;
  cookie.caller = flow_peer();
  cookie.callee = trunk_peer(address);
  cookie.callee_tag = 0x87654321;
  return cookie;
}

std::string sealed(const DialogCookie& cookie) {
  return seal_dialog_cookie(sealer_of("secret"), cookie, "call", "caller");
}

std::optional<OpenedDialogCookie> opened(std::string_view text, std::string_view from_tag = "caller",
                                         std::string_view to_tag = "callee", std::string_view call_id = "call") {
  return open_dialog_cookie(sealer_of("secret"), text, call_id, from_tag, to_tag);
}

}  // namespace

TEST_CASE("a dialog cookie has about 80 characters with IPv4 and 100 with IPv6", "[cookie]") {
  CHECK(sealed(cookie_to("192.0.2.1:5060")).size() == 84);
  CHECK(sealed(cookie_to("[2001:db8::1]:5060")).size() == 100);
}

TEST_CASE("a dialog cookie carries the caller's other URI, unless it is too long", "[cookie]") {
  DialogCookie cookie = cookie_to("192.0.2.1:5060");
  cookie.caller_uri = "sip:alice@example.org";
  CHECK(sealed(cookie).size() == 114);
  REQUIRE(opened(sealed(cookie)));
  CHECK(opened(sealed(cookie))->cookie == cookie);
  cookie.callee_tag = 0;
  cookie.caller_uri = "sip:" + std::string(116, 'a');
  REQUIRE(opened(sealed(cookie)));
  CHECK(opened(sealed(cookie))->cookie == cookie);
  cookie.caller_uri += 'a';
  REQUIRE(opened(sealed(cookie)));
  CHECK(opened(sealed(cookie))->cookie.caller_uri.empty());
}

TEST_CASE("a dialog cookie tells from the matching tag who sent the request", "[cookie]") {
  const DialogCookie cookie = cookie_to("[2001:db8::1]:5060");
  const auto forward = opened(sealed(cookie), "caller", "callee");
  REQUIRE(forward);
  CHECK(forward->direction == Direction::FromCaller);
  CHECK(forward->cookie == cookie);
  const auto backward = opened(sealed(cookie), "callee", "caller");
  REQUIRE(backward);
  CHECK(backward->direction == Direction::FromCallee);
  CHECK(backward->cookie == cookie);
}

TEST_CASE("a dialog cookie opens for its own dialog and secret only", "[cookie][attack]") {
  const std::string text = sealed(cookie_to("192.0.2.1:5060"));
  CHECK(opened(text));
  CHECK_FALSE(opened(text, "caller", "callee", "call2"));
  CHECK_FALSE(opened(text, "other", "callee"));
  CHECK_FALSE(opened(text, "", ""));
  CHECK_FALSE(open_dialog_cookie(sealer_of("other"), text, "call", "caller", "callee"));
}

TEST_CASE("a dialog cookie comes back whole, whatever its ends are", "[cookie]") {
  DialogCookie cookie = cookie_to("192.0.2.1:5060");
  SECTION("connections of a process") { cookie.caller = cookie.callee = connection_peer(); }
  SECTION("two browsers") { cookie.callee = flow_peer(); }
  SECTION("signalling only") { cookie.media = {}; }
  SECTION("before there was a callee's tag") { cookie.callee_tag = 0; }
  SECTION("each flag of its own") {
    cookie.room_to_callee = cookie.late_offer = false;
    cookie.room_to_caller = true;
    cookie.attempt = 1;
  }
  CHECK(opened(sealed(cookie))->cookie == cookie);
}

TEST_CASE("any other user part is no cookie", "[cookie][attack]") {
  for (const auto* text : {"", "alice", "+4930123", "%41%42"}) CHECK_FALSE(opened(text));
  CHECK_FALSE(opened(std::string(161, 'A')));
  const std::string text = sealed(cookie_to("192.0.2.1:5060"));
  CHECK_FALSE(opened(text.substr(0, text.size() - 4)));
  CHECK_FALSE(opened(text + "AAAA"));
}

TEST_CASE("what we have sealed in another form is no dialog cookie", "[cookie][attack]") {
  const auto with_contents = [](const common::Bytes& contents) {
    return common::base64url_encode(sealer_of("secret").seal(contents, "dialog\ncall\ncaller"));
  };
  const auto whole = common::base64url_decode(sealed(cookie_to("192.0.2.1:5060"))).value();
  const auto contents = sealer_of("secret").open(whole, "dialog\ncall\ncaller").value();
  REQUIRE(opened(with_contents(contents)));
  common::Bytes longer = contents;
  longer.push_back(0);
  CHECK_FALSE(opened(with_contents(longer)));
  CHECK_FALSE(opened(with_contents({contents.begin(), contents.end() - 1})));
  CHECK_FALSE(opened(with_contents({contents.begin(), contents.begin() + 8})));
}
