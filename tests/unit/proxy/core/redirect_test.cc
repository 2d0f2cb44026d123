#include "proxy/core/redirect.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

namespace {

constexpr auto kDesk = "192.0.2.77:5060";
constexpr auto kMobile = "192.0.2.78:5060";

Message moved(const Message& request, std::initializer_list<const char*> contacts, int status = 302) {
  Message response = answer(request, status, "m");
  for (const char* contact : contacts) response.append("Contact", contact);
  return response;
}

std::vector<proxy::trunk::Trunk> following_trunks() {
  proxy::trunk::Trunk carrier;
  carrier.name = "carrier";
  carrier.host = "203.0.113.5";
  carrier.follow_redirects = true;
  proxy::trunk::Trunk second = carrier;
  second.name = "second";
  second.host = "203.0.113.6";
  return {carrier, second};
}

/// A call of the carrier to bob's desk phone; gives the INVITE there.
Message call_desk(CoreScene& scene, bool follows) {
  scene.administration->follow_redirects = follows;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp(kDesk));
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  return scene.take(kDesk);
}

std::vector<std::string> in_order(std::initializer_list<const char*> contacts) {
  std::vector<std::string> texts;
  for (const auto& uri : proxy::core::contacts_of(moved(bare("INVITE", "sip:x@y"), contacts))) {
    texts.push_back(uri.to_string());
  }
  return texts;
}

}  // namespace

TEST_CASE("contacts are tried by their q, as they stand where it is equal, and not without end", "[core][rfc3261]") {
  CHECK(in_order({"<sip:a@h>;q=0.3", "<sip:b@h>", "<sip:c@h>;q=0.25", "<sip:d@h>;q=1.0"}) ==
        std::vector<std::string>{"sip:b@h", "sip:d@h", "sip:a@h", "sip:c@h"});
  CHECK(in_order({"<sip:a@h>;q=nonsense", "<sip:b@h>;q=0.001"}) == std::vector<std::string>{"sip:b@h", "sip:a@h"});
  CHECK(in_order({"<sip:a@h>", "<sip:b@h>", "<sip:c@h>", "<sip:d@h>", "<sip:e@h>", "<sip:f@h>"}).size() == 5);
  CHECK(in_order({"<sip:a@h?Route=%3Csip:evil%3E>"}) == std::vector<std::string>{"sip:a@h"});
}

TEST_CASE("a 3xx goes to the caller unless it is to be followed here", "[core][rfc3261]") {
  CoreScene scene;
  const Message desk = call_desk(scene, false);
  scene.receive(CoreScene::udp(kDesk), moved(desk, {"<sip:alice@example.org>"}));
  const Message told = scene.take(kCarrier);
  CHECK(told.status() == 302);
  CHECK(told.get("Contact") == "<sip:alice@example.org>");
}

TEST_CASE("a user's forwarding to another user rings there", "[core][rfc3261]") {
  CoreScene scene;
  const Message desk = call_desk(scene, true);
  scene.bind("alice", "sip:alice@192.0.2.78", CoreScene::udp(kMobile));
  scene.receive(CoreScene::udp(kDesk), moved(desk, {"<sip:alice@example.org>"}));
  CHECK(scene.take(kDesk).is("ACK"));
  const Message mobile = scene.take(kMobile);
  CHECK(mobile.request_uri() == "sip:alice@192.0.2.78");
  scene.receive(CoreScene::udp(kMobile), answer(mobile, 200, "a", "sip:alice@192.0.2.78", "v=0\r\n"));
  CHECK(scene.take(kCarrier).status() == 200);
}

TEST_CASE("a forwarding to a number takes the routes, one to a trunk's host that trunk", "[core][rfc3261]") {
  CoreScene scene;
  const Message desk = call_desk(scene, true);
  SECTION("a number here") {
    scene.receive(CoreScene::udp(kDesk), moved(desk, {"<sip:+4930999@example.org>"}));
    CHECK(scene.take(kCarrier).request_uri() == "sip:+4930999@203.0.113.5");
  }
  SECTION("a number anywhere") {
    scene.receive(CoreScene::udp(kDesk), moved(desk, {"<tel:+4930999>"}));
    CHECK(scene.take(kCarrier).request_uri() == "sip:+4930999@203.0.113.5");
  }
  SECTION("a trunk") {
    scene.receive(CoreScene::udp(kDesk), moved(desk, {"<sip:+4930999@203.0.113.6:5070;transport=tcp>"}));
    CHECK(scene.take(kSecond).request_uri() == "sip:+4930999@203.0.113.6");
  }
}

TEST_CASE("nobody redirects a call of ours to a stranger", "[core][attack]") {
  CoreScene scene;
  const Message desk = call_desk(scene, true);
  SECTION("who alone is named: the caller may decide") {
    scene.receive(CoreScene::udp(kDesk), moved(desk, {"<sip:premium@192.0.2.66>"}));
    CHECK(scene.take(kCarrier).status() == 302);
    CHECK(scene.nothing_to("192.0.2.66:5060"));
  }
  SECTION("beside somebody who is known") {
    scene.receive(CoreScene::udp(kDesk), moved(desk, {"<sip:premium@192.0.2.66>", "<sip:1@example.org>;q=0.1"}));
    CHECK(scene.nothing_to("192.0.2.66:5060"));
    CHECK(scene.take(kCarrier).request_uri() == "sip:1@203.0.113.5");
  }
  SECTION("and nobody who is not here") {
    scene.receive(CoreScene::udp(kDesk), moved(desk, {"<mailto:bob@example.org>", "<sip:alice@example.org>"}));
    CHECK(scene.take(kCarrier).status() == 302);
  }
}

TEST_CASE("a forwarding that comes back to where it began ends", "[core][attack]") {
  CoreScene scene;
  const Message desk = call_desk(scene, true);
  scene.receive(CoreScene::udp(kDesk), moved(desk, {"<sip:bob@example.org>"}));
  CHECK(scene.take(kDesk).is("ACK"));
  CHECK(scene.nothing_to(kDesk));
  CHECK(scene.take(kCarrier).status() == 302);
}

TEST_CASE("a trunk's 3xx is followed where the trunk says so, and only so far", "[core][trunk][attack]") {
  CoreScene scene{following_trunks()};
  Message out = call_out(scene);
  for (unsigned i = 0; i < proxy::core::kMaxRedirects; ++i) {
    const std::string next = "<sip:+49" + std::to_string(i) + "@203.0.113.5>";
    scene.receive(CoreScene::udp(kCarrier), moved(out, {next.c_str()}));
    CHECK(scene.take(kCarrier).is("ACK"));
    out = scene.take(kCarrier);
    CHECK(out.request_uri() == "sip:+49" + std::to_string(i) + "@203.0.113.5");
  }
  scene.receive(CoreScene::udp(kCarrier), moved(out, {"<sip:+499@203.0.113.5>"}));
  CHECK(scene.take(kCarrier).is("ACK"));
  CHECK(scene.nothing_to(kCarrier));
  CHECK(scene.take(kPhone).status() == 302);
}

TEST_CASE("who was called instead and fails is followed by the next contact, then by the best failure",
          "[core][rfc3261]") {
  CoreScene scene{following_trunks()};
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), moved(out, {"<sip:+491@203.0.113.5>;q=0.9", "<sip:+492@203.0.113.6>;q=0.5"}));
  CHECK(scene.take(kCarrier).is("ACK"));
  const Message first = scene.take(kCarrier);
  CHECK(scene.nothing_to(kSecond));
  scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "x"));
  const Message second = scene.take(kSecond);
  CHECK(second.request_uri() == "sip:+492@203.0.113.6");
  scene.receive(CoreScene::udp(kSecond), answer(second, 404, "y"));
  CHECK(scene.take(kPhone).status() == 404);
}

TEST_CASE("a caller who gives up while a name is looked up has given up", "[core][rfc3261]") {
  auto trunks = following_trunks();
  trunks[1].host = "second.example";
  CoreScene scene{trunks};
  scene.places["second.example"] = {};
  const Message out = call_out(scene);
  scene.held_names["second.example"];
  scene.receive(CoreScene::udp(kCarrier), moved(out, {"<sip:+492@second.example>"}));
  CHECK(scene.nothing_to(kPhone));
  Message cancel = Message::request("CANCEL", "sip:+4930123@example.org");
  for (const auto* name : {"From", "To", "Call-ID", "Max-Forwards"}) cancel.append(name, out.get(name));
  cancel.append("Via", out.all("Via")[1]);
  cancel.append("CSeq", "8 CANCEL");
  scene.receive(CoreScene::udp(kPhone), cancel);
  CHECK(scene.take(kPhone).status() == 200);
  CHECK(scene.take(kPhone).status() == 487);
  scene.release("second.example");
  CHECK(scene.nothing_to("203.0.113.6:5060"));
}
