#include <catch2/catch.hpp>

#include "proxy/core/forwarding.h"
#include "tests/support/calls.h"

// Several devices of one user, at once and one after another: RFC 3261 §16.6, §16.7 and §16.8.
using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

namespace {

constexpr auto kDesk = "192.0.2.77:5060";
constexpr auto kMobile = "192.0.2.78:5060";
constexpr auto kVoicemail = "192.0.2.79:5060";

void bind_devices(CoreScene& scene, std::uint16_t q_of_mobile = 1000) {
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp(kDesk));
  scene.bind("bob", "sip:bob@192.0.2.78", CoreScene::udp(kMobile), {}, 0, q_of_mobile);
}

/// Gives the INVITE as the carrier has sent it.
Message call_bob(CoreScene& scene) {
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  scene.receive(CoreScene::udp(kCarrier), request);
  return request;
}

/// The carrier gives its call up; what it has heard so far does not matter any more.
void cancel(CoreScene& scene, const Message& request) {
  while (!scene.nothing_to(kCarrier)) CHECK(scene.take(kCarrier).status() < 200);
  Message out = Message::request("CANCEL", request.request_uri());
  for (const auto* name : {"Via", "From", "To", "Call-ID", "Max-Forwards"}) out.append(name, request.get(name));
  out.append("CSeq", "7 CANCEL");
  scene.receive(CoreScene::udp(kCarrier), out);
  CHECK(scene.take(kCarrier).status() == 200);
}

}  // namespace

TEST_CASE("devices of a lower q ring when those of a higher one have failed", "[core][rfc3261]") {
  CoreScene scene;
  bind_devices(scene, 500);
  scene.bind("bob", "sip:bob@192.0.2.79", CoreScene::udp(kVoicemail), {}, 0, 100);
  const Message request = call_bob(scene);
  const Message desk = scene.take(kDesk);
  CHECK(scene.nothing_to(kMobile));
  scene.receive(CoreScene::udp(kDesk), answer(desk, 180, "d"));
  SECTION("by being busy, also after ringing") {
    scene.receive(CoreScene::udp(kDesk), answer(desk, 486, "d"));
    CHECK(scene.take(kMobile).request_uri() == "sip:bob@192.0.2.78");
    CHECK(scene.nothing_to(kVoicemail));
    CHECK(scene.take(kCarrier).status() == 180);
    CHECK(scene.nothing_to(kCarrier));
  }
  SECTION("not when the user has declined for all of them") {
    scene.receive(CoreScene::udp(kDesk), answer(desk, 603, "d"));
    CHECK(scene.nothing_to(kMobile));
    CHECK(scene.take(kCarrier).status() == 180);
    CHECK(scene.take(kCarrier).status() == 603);
  }
  SECTION("not when the caller has given up") {
    cancel(scene, request);
    CHECK(scene.take(kDesk).is("CANCEL"));
    scene.receive(CoreScene::udp(kDesk), answer(desk, 487, "d"));
    CHECK(scene.take(kCarrier).status() == 487);
    CHECK(scene.nothing_to(kMobile));
  }
}

TEST_CASE("the best of what all devices said goes to the caller when none is left", "[core][rfc3261]") {
  CoreScene scene;
  bind_devices(scene, 500);
  call_bob(scene);
  scene.receive(CoreScene::udp(kDesk), answer(scene.take(kDesk), 486, "d"));
  scene.receive(CoreScene::udp(kMobile), answer(scene.take(kMobile), 503, "m"));
  CHECK(scene.take(kCarrier).status() == 486);
}

TEST_CASE("a device that nobody answers stops ringing in time for the next one", "[core][rfc3261]") {
  CoreScene scene;
  bind_devices(scene, 500);
  call_bob(scene);
  const Message desk = scene.take(kDesk);
  SECTION("after ringing") {
    scene.receive(CoreScene::udp(kDesk), answer(desk, 180, "d"));
    CHECK(scene.take(kCarrier).status() == 180);
    scene.advance(19s);
    CHECK(scene.nothing_to(kMobile));
    scene.advance(1100ms);
    CHECK(scene.take(kDesk).is("CANCEL"));
    const Message mobile = scene.take(kMobile);
    SECTION("and its 487 tells the caller nothing") {
      scene.receive(CoreScene::udp(kDesk), answer(desk, 487, "d"));
      scene.receive(CoreScene::udp(kMobile), answer(mobile, 404, "m"));
      CHECK(scene.take(kCarrier).status() == 404);
    }
    SECTION("but is heard if it is picked up at that moment") {
      scene.receive(CoreScene::udp(kDesk), answer(desk, 200, "d", "sip:bob@192.0.2.77", "v=0\r\n"));
      CHECK(scene.take(kCarrier).status() == 200);
      scene.receive(CoreScene::udp(kMobile), answer(mobile, 180, "m"));
      CHECK(scene.take(kMobile).is("CANCEL"));
    }
  }
  SECTION("also one that said nothing at all") {
    scene.advance(21s);
    CHECK(scene.take(kMobile).is("INVITE"));
  }
}

TEST_CASE("what rings nobody goes to all devices at once", "[core][rfc3428]") {
  CoreScene scene;
  bind_devices(scene, 500);
  scene.receive(CoreScene::udp(kCarrier), of_carrier(bare("MESSAGE", "sip:bob@example.org")));
  CHECK(scene.take(kDesk).is("MESSAGE"));
  const Message mobile = scene.take(kMobile);
  scene.receive(CoreScene::udp(kMobile), answer(mobile, 200, "m"));
  CHECK(scene.take(kCarrier).status() == 200);
}

TEST_CASE("every 2xx of a fork reaches the caller, also of a device that was silent until then", "[core][rfc3261]") {
  CoreScene scene;
  bind_devices(scene);
  call_bob(scene);
  const Message desk = scene.take(kDesk);
  const Message mobile = scene.take(kMobile);
  scene.receive(CoreScene::udp(kDesk), answer(desk, 200, "d", "sip:bob@192.0.2.77", "v=0\r\n"));
  CHECK(scene.take(kCarrier).to_tag() == "d");
  CHECK(scene.nothing_to(kMobile));  // no CANCEL before a provisional response, RFC 3261 §9.1
  SECTION("it answers at once") {
    scene.receive(CoreScene::udp(kMobile), answer(mobile, 200, "m", "sip:bob@192.0.2.78", "v=0\r\n"));
    CHECK(scene.take(kCarrier).to_tag() == "m");
    CHECK(scene.nothing_to(kMobile));
  }
  SECTION("it rings: CANCEL goes out, its 200 has crossed it") {
    scene.receive(CoreScene::udp(kMobile), answer(mobile, 180, "m"));
    CHECK(scene.take(kMobile).is("CANCEL"));
    CHECK(scene.nothing_to(kCarrier));
    scene.receive(CoreScene::udp(kMobile), answer(mobile, 200, "m", "sip:bob@192.0.2.78", "v=0\r\n"));
    CHECK(scene.take(kCarrier).to_tag() == "m");
  }
  SECTION("it says nothing for ever") {
    scene.advance(70s);
    CHECK(scene.core().forwardings() == 0);
  }
}

TEST_CASE("a 200 that crosses the caller's CANCEL is the caller's", "[core][rfc3261]") {
  CoreScene scene;
  bind_devices(scene);
  const Message request = call_bob(scene);
  const Message desk = scene.take(kDesk);
  const Message mobile = scene.take(kMobile);
  scene.receive(CoreScene::udp(kDesk), answer(desk, 180, "d"));
  scene.receive(CoreScene::udp(kMobile), answer(mobile, 180, "m"));
  cancel(scene, request);
  CHECK(scene.take(kDesk).is("CANCEL"));
  CHECK(scene.take(kMobile).is("CANCEL"));
  scene.receive(CoreScene::udp(kDesk), answer(desk, 487, "d"));
  CHECK(scene.nothing_to(kCarrier));  // the other may still answer
  SECTION("200") {
    scene.receive(CoreScene::udp(kMobile), answer(mobile, 200, "m", "sip:bob@192.0.2.78", "v=0\r\n"));
    CHECK(scene.take(kCarrier).status() == 200);
  }
  SECTION("487") {
    scene.receive(CoreScene::udp(kMobile), answer(mobile, 487, "m"));
    CHECK(scene.take(kCarrier).status() == 487);
  }
}

TEST_CASE("challenges of all devices of a fork go to the caller in one response", "[core][rfc3261]") {
  CoreScene scene;
  bind_devices(scene);
  call_bob(scene);
  Message first = answer(scene.take(kDesk), 407, "d");
  first.append("Proxy-Authenticate", R"(Digest realm="desk", nonce="1")");
  Message second = answer(scene.take(kMobile), 401, "m");
  second.append("WWW-Authenticate", R"(Digest realm="mobile", nonce="2")");
  scene.receive(CoreScene::udp(kDesk), first);
  CHECK(scene.nothing_to(kCarrier));
  scene.receive(CoreScene::udp(kMobile), second);
  const Message both = scene.take(kCarrier);
  CHECK(both.get("Proxy-Authenticate") == R"(Digest realm="desk", nonce="1")");
  CHECK(both.get("WWW-Authenticate") == R"(Digest realm="mobile", nonce="2")");
}

TEST_CASE("timer C cancels who has shown himself, begins anew with 101 to 199, and ends in 408", "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp(kDesk));
  call_bob(scene);
  const Message desk = scene.take(kDesk);
  SECTION("100 does not begin it anew") {
    scene.advance(10s);
    scene.receive(CoreScene::udp(kDesk), answer(desk, 100, {}));
    scene.advance(231s);
    CHECK(scene.take(kCarrier).status() == 100);
    CHECK(scene.take(kCarrier).status() == 408);
  }
  SECTION("183 does; a 200 that crosses the CANCEL still counts") {
    scene.receive(CoreScene::udp(kDesk), answer(desk, 100, {}));
    scene.advance(200s);
    scene.receive(CoreScene::udp(kDesk), answer(desk, 183, "d"));
    scene.advance(200s);
    scene.receive(CoreScene::udp(kDesk), answer(desk, 183, "d"));
    scene.advance(239s);
    for (int i = 0; i < 3; ++i) CHECK(scene.take(kCarrier).status() < 200);
    CHECK(scene.nothing_to(kDesk));
    scene.advance(2s);
    CHECK(scene.take(kDesk).is("CANCEL"));
    scene.receive(CoreScene::udp(kDesk), answer(desk, 200, "d", "sip:bob@192.0.2.77", "v=0\r\n"));
    CHECK(scene.take(kCarrier).status() == 200);
  }
}

TEST_CASE("one request that comes over two ways is forwarded twice: its callee tells that it is merged",
          "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp(kDesk));
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  request.prepend("Via", "SIP/2.0/UDP one.example;branch=z9hG4bKone");
  scene.receive(CoreScene::udp(kCarrier), request);
  request.replace_at("Via", 0, "SIP/2.0/UDP two.example;branch=z9hG4bKtwo");
  scene.receive(CoreScene::udp(kCarrier), request);
  const Message first = scene.take(kDesk);
  const Message second = scene.take(kDesk);
  CHECK(first.top_via()->branch() != second.top_via()->branch());
  scene.receive(CoreScene::udp(kDesk), answer(second, 482, "d"));
  CHECK(scene.take(kCarrier).status() == 482);  // RFC 3261 §8.2.2.2: the callee's word, of one of them
}
