#include "proxy/core/media_exchange.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("the browser's side of a call has DTLS and ICE, the trunk's side plain RTP", "[core][media]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const ng::Request& offer = scene.relays.asked.at(0).request;
  CHECK(offer.flags.transport_protocol == ng::TransportProtocol::UdpTlsRtpSavpf);
  CHECK(offer.flags.ice == ng::Ice::Force);
  CHECK(offer.flags.rtcp_mux.offer);
  const Message rung = scene.take("flow 11");
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid", "v=0\r\n"));
  const ng::Request& answered = scene.relays.asked.at(1).request;
  CHECK(answered.flags.transport_protocol == ng::TransportProtocol::RtpAvp);
  CHECK(answered.flags.ice == ng::Ice::Remove);
  CHECK(answered.to_tag == "callee");
  CHECK(answered.via_branch == rung.top_via()->branch());
  CHECK_FALSE(answered.teardown_blob.empty());
}

TEST_CASE("without a relay a call fails with a reason; a second relay takes it", "[core][media]") {
  CoreScene scene;
  SECTION("both dead") {
    scene.relays.dead = {0, 1};
    scene.receive(CoreScene::udp(kCarrier),
                  [] { return invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"); }());
    CHECK(scene.take(kCarrier).status() == 480);
    scene.bind("bob", "sip:x@y.invalid", kBrowser);
    Message second = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
    second.set("Call-ID", "call-2");
    scene.receive(CoreScene::udp(kCarrier), second);
    const Message failure = scene.take(kCarrier);
    CHECK(failure.status() == 503);
    CHECK(failure.reason() == "Media Relay Unreachable");
  }
  SECTION("one dead") {
    scene.relays.dead = {0};
    scene.bind("bob", "sip:x@y.invalid", kBrowser);
    scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
    CHECK(scene.take("flow 11").is("INVITE"));
    CHECK(scene.relays.asked.back().relay == 1);
  }
  SECTION("full") {
    scene.relays.refusal = std::string{ng::kRanOutOfPorts};
    scene.bind("bob", "sip:x@y.invalid", kBrowser);
    scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
    CHECK(scene.take(kCarrier).reason() == "Media Relay Full");
  }
}

TEST_CASE("an offer in the 200 and an answer in the ACK pass through the relay", "[core][rfc3264]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5", ""));
  const Message rung = scene.take("flow 11");
  CHECK(scene.relays.asked.empty());
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid", "v=0\r\n"));
  const Message ok = scene.take(kCarrier);
  CHECK(ok.body() == "v=0\r\ns=offer\r\n");
  CHECK(scene.relays.asked.at(0).request.from_tag == "callee");
  Message ack = from_caller("ACK", ok, 7);
  ack.set_body("v=0\r\n", "application/sdp");
  scene.receive(CoreScene::udp(kCarrier), ack);
  CHECK(scene.take("flow 11").body() == "v=0\r\ns=answer\r\n");
  CHECK(scene.relays.asked.at(1).request.from_tag == "callee");
  CHECK(scene.relays.asked.at(1).request.to_tag == "caller");
}

TEST_CASE("a re-INVITE passes through the relay; one that is refused takes its offer back", "[core][media]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  scene.receive(CoreScene::udp(kPhone), from_caller("ACK", ok, 8));
  CHECK(scene.take(kCarrier).is("ACK"));
  Message hold = from_caller("INVITE", ok, 9);
  hold.append("Contact", "<sip:alice@192.0.2.99>");
  hold.set_body("v=0\r\na=sendonly\r\n", "application/sdp");
  scene.receive(CoreScene::udp(kPhone), hold);
  const Message forwarded = scene.take(kCarrier);
  CHECK(forwarded.body() == "v=0\r\ns=offer\r\n");
  CHECK_FALSE(forwarded.has("Record-Route"));
  const ng::Request& offer = scene.relays.asked.back().request;
  CHECK(offer.from_tag == "caller");
  CHECK(offer.to_tag == "t1");
  SECTION("accepted") {
    scene.receive(CoreScene::udp(kCarrier), answer(forwarded, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
    CHECK(scene.take(kPhone).body() == "v=0\r\ns=answer\r\n");
  }
  SECTION("refused") {
    scene.receive(CoreScene::udp(kCarrier), answer(forwarded, 488, "t1"));
    CHECK(scene.take(kPhone).status() == 488);
    const ng::Request& discarded = scene.relays.asked.back().request;
    CHECK(discarded.command == ng::Command::Delete);
    CHECK(discarded.via_branch == forwarded.top_via()->branch());
    CHECK(discarded.to_tag == "t1");
  }
  SECTION("refused before a stock rtpengine, which would end the call") {
    scene.relays.boot_id = 0;
    scene.receive(CoreScene::udp(kCarrier), answer(forwarded, 488, "t1"));
    CHECK(scene.relays.asked.back().request.command == ng::Command::Offer);
  }
}

TEST_CASE("a route without media leaves the SDP alone and asks no relay", "[core][media]") {
  CoreScene scene{{}, false};
  const Message out = call_out(scene);
  CHECK(out.body() == "v=0\r\nc=IN IP4 192.0.2.99\r\n");
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  CHECK(ok.body() == "v=0\r\n");
  scene.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
  CHECK(scene.take(kCarrier).is("BYE"));
  CHECK(scene.relays.asked.empty());
}

TEST_CASE("the media policy of a call holds for every offer in it", "[core][media]") {
  CoreScene scene;
  proxy::routing::Route route = scene.administration->router.routes().front();
  route.media.caller_interface = "inside";
  route.media.callee_interface = "outside";
  route.media.require_encryption = true;
  scene.administration->router = proxy::routing::Router{{}, {route}};
  const Message out = call_out(scene);
  CHECK(scene.relays.asked.back().request.flags.direction == std::vector<std::string>{"inside", "outside"});
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  SECTION("as long as its route is there") {
    Message hold = from_callee("INVITE", out, "t1", 2);
    hold.set_body("v=0\r\n", "application/sdp");
    scene.receive(CoreScene::udp(kCarrier), hold);
    const ng::Flags& flags = scene.relays.asked.back().request.flags;
    CHECK(flags.require_encryption);
    CHECK(flags.direction == std::vector<std::string>{"outside", "inside"});
  }
  SECTION("without its route encryption is still required") {
    scene.administration->router = {};
    Message hold = from_caller("INVITE", ok, 9);
    hold.set_body("v=0\r\n", "application/sdp");
    scene.receive(CoreScene::udp(kPhone), hold);
    const ng::Flags& flags = scene.relays.asked.back().request.flags;
    CHECK(flags.require_encryption);
    CHECK(flags.direction.empty());
  }
  SECTION("also by a process that finishes a response it did not ask for") {
    Message hold = from_caller("INVITE", ok, 9);
    hold.set_body("v=0\r\n", "application/sdp");
    scene.receive(CoreScene::udp(kPhone), hold);
    const Message forwarded = scene.take(kCarrier);
    CoreScene survivor;
    survivor.receive(CoreScene::udp(kCarrier), answer(forwarded, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
    CHECK(survivor.relays.asked.back().request.flags.require_encryption);
  }
}

TEST_CASE("a relay that has restarted is asked for nothing that only its former self knew", "[core][media][pair]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  const std::size_t asked = scene.relays.asked.size();
  scene.relays.boot_id = 8;
  SECTION("BYE deletes nothing") {
    scene.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
    scene.receive(CoreScene::udp(kCarrier), answer(scene.take(kCarrier), 200, "x"));
    CHECK(scene.take(kPhone).status() == 200);
    CHECK(scene.relays.asked.size() == asked);
  }
  SECTION("a new offer begins the media anew, and its end is told") {
    Message hold = from_caller("INVITE", ok, 9);
    hold.set_body("v=0\r\n", "application/sdp");
    scene.receive(CoreScene::udp(kPhone), hold);
    const Message forwarded = scene.take(kCarrier);
    CHECK(forwarded.body() == "v=0\r\ns=offer\r\n");
    CoreScene survivor;
    survivor.relays.boot_id = 8;
    survivor.receive(CoreScene::udp(kCarrier), answer(forwarded, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
    CHECK(survivor.take(kPhone).body() == "v=0\r\ns=answer\r\n");
  }
  SECTION("an answer to an offer of before goes nowhere") {
    scene.relays.boot_id = 7;
    Message hold = from_caller("INVITE", ok, 9);
    hold.set_body("v=0\r\n", "application/sdp");
    scene.receive(CoreScene::udp(kPhone), hold);
    const Message forwarded = scene.take(kCarrier);
    CoreScene survivor;
    survivor.relays.boot_id = 8;
    survivor.receive(CoreScene::udp(kCarrier), answer(forwarded, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
    CHECK(survivor.nothing_to(kPhone));
    CHECK(survivor.relays.asked.empty());
  }
}

TEST_CASE("an offer in a reliable 183 is answered by the PRACK", "[core][rfc3262]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5", ""));
  const Message rung = scene.take("flow 11");
  Message progress = answer(rung, 183, "callee", "sip:x@y.invalid", "v=0\r\n");
  progress.append("RSeq", "1");
  scene.receive(kBrowser, progress);
  const Message offered = scene.take(kCarrier);
  CHECK(offered.body() == "v=0\r\ns=offer\r\n");
  Message prack = from_caller("PRACK", offered, 8);
  prack.append("RAck", "1 7 INVITE");
  prack.set_body("v=0\r\n", "application/sdp");
  scene.receive(CoreScene::udp(kCarrier), prack);
  CHECK(scene.take("flow 11").body() == "v=0\r\ns=answer\r\n");
  CHECK(scene.relays.asked.back().request.from_tag == "callee");
  CHECK(scene.relays.asked.back().request.to_tag == "caller");
}

TEST_CASE("a description beside ISUP passes through the relay, the ISUP beside it", "[core][media][rfc5621]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  const std::string isup = "--b\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n";
  request.set_body(isup + "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 10.0.0.1\r\n\r\n--b--\r\n",
                   "multipart/mixed;boundary=b");
  scene.receive(CoreScene::udp(kCarrier), request);
  const Message rung = scene.take("flow 11");
  CHECK(rung.body() == isup + "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=offer\r\n\r\n--b--\r\n");
  CHECK(scene.relays.asked.back().request.sdp == "v=0\r\nc=IN IP4 10.0.0.1\r\n");
}

TEST_CASE("where keys are required, a description in clear goes no further", "[core][media]") {
  constexpr auto kClear = "v=0\r\nm=audio 4000 RTP/AVP 0\r\n";
  constexpr auto kSealed = "v=0\r\nm=audio 4000 RTP/SAVP 0\r\n";
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.transport = proxy::transport::Kind::Udp;
  trunk.srtp = proxy::trunk::SrtpPolicy::SdesRequired;
  CoreScene scene{{trunk}};
  SECTION("an offer of the trunk") {
    scene.bind("bob", "sip:x@y.invalid", kBrowser);
    scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5", kClear));
    CHECK(scene.take(kCarrier).status() == 488);
    CHECK(scene.nothing_to("flow 11"));
  }
  SECTION("an answer of the trunk, and its call ends") {
    const Message out = call_out(scene);
    scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", kClear));
    CHECK(scene.take(kPhone).status() == 488);
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.take(kCarrier).is("BYE"));
    CHECK(scene.relays.commands() == std::vector{ng::Command::Offer, ng::Command::Delete});
  }
  SECTION("an answer with keys passes") {
    const Message out = call_out(scene);
    scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", kSealed));
    CHECK(scene.take(kPhone).status() == 200);
  }
}

TEST_CASE("a body whose description is unclear goes nowhere past the relay", "[core][media][attack]") {
  const std::string part = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n";
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  SECTION("in an offer") {
    request.set_body(part + part + "--b--", "multipart/alternative;boundary=b");
    scene.receive(CoreScene::udp(kCarrier), request);
    CHECK(scene.take(kCarrier).status() == 488);
    CHECK(scene.nothing_to("flow 11"));
  }
  SECTION("in an answer") {
    scene.receive(CoreScene::udp(kCarrier), request);
    Message ok = answer(scene.take("flow 11"), 200, "callee", "sip:x@y.invalid");
    ok.set_body(part + part + "--b--", "multipart/alternative;boundary=b");
    scene.receive(kBrowser, ok);
    CHECK(scene.take(kCarrier).status() == 488);
    CHECK(scene.take("flow 11").is("ACK"));
    CHECK(scene.take("flow 11").is("BYE"));
  }
}
