#include "proxy/core/proxy_core.h"

#include <catch2/catch.hpp>

#include "proxy/core/route_set.h"
#include "tests/support/core_scene.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

namespace {

constexpr auto kCarrier = "203.0.113.5:5060";
constexpr auto kSecond = "203.0.113.6:5060";
constexpr auto kPhone = "192.0.2.99:5060";
const auto kBrowser = CoreScene::wss(11);

/// Alice calls a number with credentials; gives the INVITE as the first trunk gets it.
Message call_out(CoreScene& scene,
                 Message request = invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99")) {
  scene.receive(CoreScene::udp(kPhone), request);
  const Message challenge = scene.take(kPhone);
  REQUIRE(challenge.status() == 407);
  Message ack = Message::request("ACK", request.request_uri());
  for (const auto* name : {"Via", "From", "Call-ID"}) ack.append(name, request.get(name));
  ack.append("To", challenge.get("To"));
  ack.append("CSeq", "7 ACK");
  scene.receive(CoreScene::udp(kPhone), ack);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(request, challenge, "alice"));
  return scene.take(kCarrier);
}

}  // namespace

TEST_CASE("a call from a trunk rings the registered browser, and both ends reach each other by the cookie alone",
          "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid;transport=ws", kBrowser);
  const Message request = invite("+4930999", "sip:bob@example.org", "sip:gw@203.0.113.5");
  scene.receive(CoreScene::udp(kCarrier), request);

  const Message rung = scene.take("flow 11");
  CHECK(rung.request_uri() == "sip:x@y.invalid;transport=ws");
  CHECK(rung.get("Max-Forwards") == "69");
  CHECK(rung.top_via()->transport == "WSS");
  CHECK(rung.top_via()->params.has("ck"));
  REQUIRE(rung.all("Record-Route").size() == 1);
  CHECK(rung.body() == "v=0\r\ns=offer\r\n");

  scene.receive(kBrowser, answer(rung, 180, "callee"));
  CHECK(scene.take(kCarrier).status() == 180);
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid;transport=ws", "v=0\r\nanswer"));
  const Message ok = scene.take(kCarrier);
  CHECK(ok.status() == 200);
  CHECK(ok.all("Via").size() == 1);
  CHECK(ok.body() == "v=0\r\ns=answer\r\n");
  REQUIRE(ok.all("Record-Route").size() == 1);
  CHECK(ok.get("Record-Route") != rung.get("Record-Route"));
  CHECK(ok.get("Record-Route").find("198.51.100.1:5060") != std::string_view::npos);

  scene.receive(CoreScene::udp(kCarrier), from_caller("ACK", ok, 7));
  const Message ack = scene.take("flow 11");
  CHECK(ack.is("ACK"));
  CHECK_FALSE(ack.has("Route"));

  scene.receive(kBrowser, from_callee("BYE", rung, "callee", 1));
  const Message bye = scene.take(kCarrier);
  CHECK(bye.is("BYE"));
  scene.receive(CoreScene::udp(kCarrier), answer(bye, 200, "x"));
  CHECK(scene.take("flow 11").status() == 200);
  CHECK(scene.relays.commands() == std::vector{ng::Command::Offer, ng::Command::Answer, ng::Command::Delete});
}

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

TEST_CASE("whoever is no trunk proves to be the user of From", "[core][auth]") {
  CoreScene scene;
  const Message out = call_out(scene);
  CHECK(out.request_uri() == "sip:+4930123@203.0.113.5");
  CHECK_FALSE(out.has("Proxy-Authorization"));

  Message other = invite("bob", "sip:+4930123@example.org", "sip:bob@192.0.2.99");
  other.set("Call-ID", "call-2");
  scene.receive(CoreScene::udp(kPhone), other);
  const Message challenge = scene.take(kPhone);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(other, challenge, "alice"));
  CHECK(scene.take(kPhone).status() == 403);
}

TEST_CASE("a trunk that fails is followed by the next, one that rang or is busy is not", "[core][trunk]") {
  CoreScene scene;
  const Message first = call_out(scene);
  SECTION("503") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "t1"));
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.take(kSecond).request_uri() == "sip:+4930123@203.0.113.6");
  }
  SECTION("503 after 180") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 180, "t1"));
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "t1"));
    CHECK(scene.nothing_to(kSecond));
    CHECK(scene.take(kPhone).status() == 180);
    CHECK(scene.take(kPhone).status() == 500);
  }
  SECTION("486") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 486, "t1"));
    CHECK(scene.nothing_to(kSecond));
    CHECK(scene.take(kPhone).status() == 486);
  }
}

TEST_CASE("a silent trunk is passed over; what it says later is cancelled or ended, never a second ring",
          "[core][trunk]") {
  CoreScene scene;
  const Message first = call_out(scene);
  scene.advance(4s);
  const Message second = scene.take(kSecond);
  while (!scene.nothing_to(kCarrier)) CHECK(scene.take(kCarrier).is("INVITE"));
  CHECK(second.top_via()->branch() != first.top_via()->branch());
  SECTION("a late 180 gets CANCEL") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 180, "late"));
    CHECK(scene.take(kCarrier).is("CANCEL"));
    CHECK(scene.take(kPhone).status() == 100);
    CHECK(scene.nothing_to(kPhone));
  }
  SECTION("a late 200 gets ACK and BYE") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 200, "late", "sip:gw@203.0.113.5"));
    CHECK(scene.take(kCarrier).is("ACK"));
    const Message bye = scene.take(kCarrier);
    CHECK(bye.is("BYE"));
    CHECK(bye.to_tag() == "late");
    CHECK(bye.request_uri() == "sip:gw@203.0.113.5");
    scene.receive(CoreScene::udp(kSecond), answer(second, 180, "ringing"));
    scene.receive(CoreScene::udp(kCarrier), answer(first, 200, "late", "sip:gw@203.0.113.5"));
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.nothing_to(kCarrier));
    CHECK(scene.nothing_to(kSecond));
    CHECK(scene.take(kPhone).status() == 100);
    CHECK(scene.take(kPhone).status() == 180);
    CHECK(scene.nothing_to(kPhone));
  }
  SECTION("it is not asked again") {
    scene.advance(20s);
    CHECK(scene.nothing_to(kCarrier));
  }
}

TEST_CASE("CANCEL goes to the callee that rings, and 487 comes back", "[core][rfc3261]") {
  CoreScene scene;
  const Message ringing = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(ringing, 180, "t1"));
  const Message upstream = scene.take(kPhone);
  Message cancel = Message::request("CANCEL", "sip:+4930123@example.org");
  for (const auto* name : {"Via", "From", "To", "Call-ID"}) cancel.append(name, upstream.get(name));
  cancel.set("To", "<sip:+4930123@example.org>");
  cancel.append("CSeq", "8 CANCEL");
  cancel.append("Max-Forwards", "70");
  scene.receive(CoreScene::udp(kPhone), cancel);
  CHECK(scene.take(kPhone).status() == 200);
  const Message down = scene.take(kCarrier);
  CHECK(down.is("CANCEL"));
  CHECK(down.top_via()->branch() == ringing.top_via()->branch());
  scene.receive(CoreScene::udp(kCarrier), answer(ringing, 487, "t1"));
  CHECK(scene.take(kPhone).status() == 487);
  CHECK(scene.relays.commands().back() == ng::Command::Delete);
}

TEST_CASE("a trunk's challenge is answered on the same trunk, with room between CSeq numbers", "[core][rfc3261]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.username = "us";
  trunk.password = "pass";
  CoreScene scene{{trunk}};
  const Message first = call_out(scene);
  CHECK(first.cseq()->number == 32);
  Message challenge = answer(first, 407, "t0");
  challenge.append("Proxy-Authenticate", "Digest realm=\"carrier\", nonce=\"n1\", qop=\"auth\"");
  scene.receive(CoreScene::udp(kCarrier), challenge);
  CHECK(scene.take(kCarrier).is("ACK"));
  const Message again = scene.take(kCarrier);
  CHECK(again.cseq()->number == 33);
  CHECK(again.get("Proxy-Authorization").find("username=\"us\"") != std::string_view::npos);
  CHECK(again.body() == first.body());
  scene.receive(CoreScene::udp(kCarrier), answer(again, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  CHECK(ok.cseq()->number == 8);
  scene.receive(CoreScene::udp(kPhone), from_caller("ACK", ok, 8));
  CHECK(scene.take(kCarrier).cseq()->number == 33);

  SECTION("the ACK of a re-INVITE follows that INVITE's attempt, not the first one's") {
    Message hold = from_caller("INVITE", ok, 9);
    hold.append("Contact", "<sip:alice@192.0.2.99>");
    scene.receive(CoreScene::udp(kPhone), hold);
    const Message forwarded = scene.take(kCarrier);
    CHECK(forwarded.cseq()->number == 36);
    scene.receive(CoreScene::udp(kCarrier), answer(forwarded, 200, "t1", "sip:gw@203.0.113.5"));
    CHECK(scene.take(kPhone).status() == 200);
    scene.receive(CoreScene::udp(kPhone), from_caller("ACK", ok, 9));
    CHECK(scene.take(kCarrier).cseq()->number == 36);
  }
  SECTION("PRACK names the INVITE by the number it was accepted with") {
    Message prack = from_caller("PRACK", ok, 9);
    prack.append("RAck", "1 8 INVITE");
    scene.receive(CoreScene::udp(kPhone), prack);
    CHECK(scene.take(kCarrier).get("RAck") == "1 33 INVITE");
  }
  SECTION("BYE is challenged too") {
    scene.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
    const Message bye = scene.take(kCarrier);
    CHECK(bye.cseq()->number == 36);
    Message asked = answer(bye, 401, "x");
    asked.append("WWW-Authenticate", "Digest realm=\"carrier\", nonce=\"n2\"");
    scene.receive(CoreScene::udp(kCarrier), asked);
    CHECK(scene.take(kCarrier).cseq()->number == 37);
  }
  SECTION("a wrong password is not the caller's affair") {
    Message refused = invite("alice", "sip:+4930124@example.org", "sip:alice@192.0.2.99");
    refused.set("Call-ID", "call-2");
    const Message out = call_out(scene, refused);
    scene.receive(CoreScene::udp(kCarrier), [&] {
      Message response = answer(out, 407, "t0");
      response.append("Proxy-Authenticate", "Digest realm=\"carrier\", nonce=\"n1\"");
      return response;
    }());
    CHECK(scene.take(kCarrier).is("ACK"));
    Message response = answer(scene.take(kCarrier), 407, "t0");
    response.append("Proxy-Authenticate", "Digest realm=\"carrier\", nonce=\"n3\"");
    scene.receive(CoreScene::udp(kCarrier), response);
    const Message failure = scene.take(kPhone);
    CHECK(failure.status() == 502);
    CHECK_FALSE(failure.has("Proxy-Authenticate"));
  }
}

TEST_CASE("another process with the same secret carries a call on that it has never seen", "[core][pair]") {
  CoreScene first;
  const Message out = call_out(first);
  first.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = first.take(kPhone);

  CoreScene survivor;
  survivor.receive(CoreScene::udp(kPhone), from_caller("ACK", ok, 8));
  CHECK(survivor.take(kCarrier).is("ACK"));
  survivor.receive(CoreScene::udp(kPhone), from_caller("INFO", ok, 9));
  const Message info = survivor.take(kCarrier);
  CHECK(survivor.core().counters().stateless_requests == 1);

  SECTION("its responses find home by the Via cookie") {
    CoreScene third;
    third.receive(CoreScene::udp(kCarrier), answer(info, 200, "x"));
    CHECK(third.take(kPhone).status() == 200);
  }
  SECTION("but only from the trunk that was asked") {
    survivor.receive(CoreScene::udp("203.0.113.66:5060"), answer(info, 200, "x"));
    CHECK(survivor.nothing_to(kPhone));
    CHECK(survivor.core().counters().refused_responses == 1);
  }
  SECTION("and with the Via that was sealed") {
    Message forged = answer(info, 200, "x");
    forged.replace_at("Via", 1, "SIP/2.0/UDP 192.0.2.66:5060;rport=5060;received=192.0.2.66;branch=z9hG4bKx");
    survivor.receive(CoreScene::udp(kCarrier), forged);
    CHECK(survivor.nothing_to("192.0.2.66:5060"));
  }
  SECTION("a retransmission reaches it as the same client transaction") {
    const Message repeat = from_caller("BYE", ok, 10);
    survivor.receive(CoreScene::udp(kPhone), repeat);
    CoreScene third;
    third.receive(CoreScene::udp(kPhone), repeat);
    CHECK(survivor.take(kCarrier).top_via()->branch() == third.take(kCarrier).top_via()->branch());
  }
  SECTION("BYE of the trunk goes to the phone") {
    survivor.receive(CoreScene::udp(kCarrier), from_callee("BYE", out, "t1", 1));
    CHECK(survivor.take(kPhone).is("BYE"));
  }
}

TEST_CASE("a cookie routes only for the source and the tags it was made for", "[core][attack]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  const std::size_t before = scene.sender.sent.size();

  SECTION("somebody else is asked who he is") {
    scene.receive(CoreScene::udp("192.0.2.66:5060"), from_caller("BYE", ok, 9));
    CHECK(scene.take("192.0.2.66:5060").status() == 407);
  }
  SECTION("an invented To tag") {
    Message request = from_caller("INVITE", ok, 9);
    request.set("To", "<sip:+4930123@example.org>;tag=invented");
    request.set_request_uri("sip:+900premium@203.0.113.5");
    scene.receive(CoreScene::udp(kPhone), request);
    CHECK(scene.take(kPhone).status() == 403);
  }
  SECTION("a Request-URI elsewhere still goes to the sealed trunk") {
    Message request = from_caller("INFO", ok, 9);
    request.set_request_uri("sip:victim@192.0.2.250");
    scene.receive(CoreScene::udp(kPhone), request);
    CHECK(scene.nothing_to("192.0.2.250:5060"));
    CHECK(scene.take(kCarrier).is("INFO"));
  }
  SECTION("no cookie at all") {
    Message request = from_caller("BYE", ok, 9);
    request.remove("Route");
    scene.receive(CoreScene::udp(kPhone), request);
    CHECK(scene.take(kPhone).status() == 481);
  }
  SECTION("an ACK from elsewhere is dropped") {
    const auto dropped = scene.core().counters().dropped_acks;
    scene.receive(CoreScene::udp("192.0.2.66:5060"), from_caller("ACK", ok, 8));
    CHECK(scene.sender.sent.size() == before);
    CHECK(scene.core().counters().dropped_acks == dropped + 1);
  }
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

TEST_CASE("every binding of a user rings; the first to answer stops the others", "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message browser = scene.take("flow 11");
  const Message phone = scene.take("192.0.2.77:5060");
  scene.receive(kBrowser, answer(browser, 180, "b"));
  scene.receive(CoreScene::udp("192.0.2.77:5060"), answer(phone, 180, "p"));
  scene.receive(CoreScene::udp("192.0.2.77:5060"), answer(phone, 200, "p", "sip:bob@192.0.2.77", "v=0\r\n"));
  CHECK(scene.take("flow 11").is("CANCEL"));
  scene.receive(kBrowser, answer(browser, 487, "b"));
  CHECK(scene.take(kCarrier).status() == 180);
  CHECK(scene.take(kCarrier).status() == 180);
  CHECK(scene.take(kCarrier).status() == 200);
  CHECK(scene.nothing_to(kCarrier));
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

TEST_CASE("media that has ended ends the call at both ends", "[core][pair]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message rung = scene.take("flow 11");
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid", "v=0\r\n"));
  const Message ok = scene.take(kCarrier);
  const std::string blob = scene.relays.asked.back().request.teardown_blob;

  CoreScene survivor;
  survivor.bind("bob", "sip:x@y.invalid", kBrowser);
  CHECK_FALSE(survivor.core().on_teardown("forged"));
  CHECK(survivor.core().on_teardown(blob));
  survivor.settle();
  const Message to_trunk = survivor.take(kCarrier);
  CHECK(to_trunk.is("BYE"));
  CHECK(to_trunk.request_uri() == "sip:gw@203.0.113.5");
  CHECK(to_trunk.from_tag() == "callee");
  CHECK(to_trunk.to_tag() == "caller");
  CHECK(to_trunk.cseq()->number > 1000);
  const Message to_browser = survivor.take("flow 11");
  CHECK(to_browser.is("BYE"));
  CHECK(to_browser.cseq()->number > 1000);
}

TEST_CASE("a caller that disconnects while it rings cancels its call", "[core]") {
  CoreScene scene;
  scene.bind("alice", "sip:a@a.invalid", kBrowser);
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  Message request = invite("alice", "sip:bob@example.org", "sip:a@a.invalid");
  scene.receive(kBrowser, request);
  scene.receive(kBrowser, scene.with_credentials(request, scene.take("flow 11"), "alice"));
  const Message rung = scene.take("192.0.2.77:5060");
  scene.receive(CoreScene::udp("192.0.2.77:5060"), answer(rung, 180, "p"));
  scene.core().on_connection_closed(kBrowser);
  scene.settle();
  CHECK(scene.take("192.0.2.77:5060").is("CANCEL"));
}

TEST_CASE("a request that comes back is a loop, one without hops left goes nowhere", "[core][rfc5393]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  const Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  scene.receive(CoreScene::udp(kCarrier), request);
  Message back = scene.take("192.0.2.77:5060");
  back.set_request_uri("sip:bob@example.org");
  back.remove("Record-Route");
  scene.receive(CoreScene::udp(kCarrier), back);
  CHECK(scene.take(kCarrier).status() == 482);

  Message tired = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  tired.set("Call-ID", "call-2");
  tired.set("Max-Forwards", "0");
  scene.receive(CoreScene::udp(kCarrier), tired);
  CHECK(scene.take(kCarrier).status() == 483);
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

TEST_CASE("no response for the time of ringing ends a call with 408", "[core][rfc3261]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 180, "t1"));
  CHECK(scene.take(kPhone).status() == 180);
  scene.advance(3min);
  Message cancel = scene.take(kCarrier);
  CHECK(cancel.is("CANCEL"));
  scene.receive(CoreScene::udp(kCarrier), answer(out, 487, "t1"));
  CHECK(scene.take(kPhone).status() == 408);
}

TEST_CASE("nothing of a call is left when its transactions have ended", "[core]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  scene.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
  scene.receive(CoreScene::udp(kCarrier), answer(scene.take(kCarrier), 200, "t1"));
  CHECK(scene.core().forwardings() == 2);
  scene.advance(70s);
  CHECK(scene.core().forwardings() == 0);
}

TEST_CASE("what cannot prove its source is refused without memory or repeats", "[core][attack]") {
  CoreScene scene;
  const Message forged = invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99");
  scene.receive(CoreScene::udp(kPhone), forged);
  const Message first = scene.take(kPhone);
  scene.advance(40s);
  CHECK(scene.nothing_to(kPhone));
  scene.receive(CoreScene::udp(kPhone), forged);
  CHECK(scene.take(kPhone).to_tag() == first.to_tag());
}

TEST_CASE("a number cannot smuggle parameters or a host into the trunk's Request-URI", "[core][attack]") {
  CoreScene scene;
  const Message out =
      call_out(scene, invite("alice", "sip:+4930%3Brn=+1900555%40evil@example.org", "sip:alice@192.0.2.99"));
  CHECK(out.request_uri() == "sip:+4930%3Brn%3D+1900555%40evil@203.0.113.5");
}

TEST_CASE("a trunk gets the domain it wants in From, the caller gets its own back", "[core][trunk]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.from_domain = "carrier.example";
  CoreScene scene{{trunk}};
  const Message out = call_out(scene);
  CHECK(out.from()->uri.to_string() == "sip:alice@carrier.example");
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  CHECK(ok.from()->uri.to_string() == "sip:alice@example.org");
  scene.receive(CoreScene::udp(kPhone), from_caller("INFO", ok, 9));
  CHECK(scene.take(kCarrier).from()->uri.to_string() == "sip:alice@carrier.example");
}

TEST_CASE("credentials for us stay with us", "[core][attack]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  Message ack = from_caller("ACK", scene.take(kPhone), 8);
  ack.append("Proxy-Authorization",
             "Digest username=\"alice\", realm=\"example.org\", nonce=\"n\", uri=\"sip:x\", response=\"r\"");
  scene.receive(CoreScene::udp(kPhone), ack);
  CHECK_FALSE(scene.take(kCarrier).has("Proxy-Authorization"));
}

TEST_CASE("a callee whose connection goes while it rings is not there", "[core]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  scene.receive(kBrowser, answer(scene.take("flow 11"), 180, "callee"));
  CHECK(scene.take(kCarrier).status() == 180);
  scene.core().on_connection_closed(kBrowser);
  scene.settle();
  CHECK(scene.take(kCarrier).status() == 480);
}

TEST_CASE("a proxy that drains begins no call and carries on what runs", "[core]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.core().drain();
  Message second = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  second.set("Call-ID", "call-2");
  scene.receive(CoreScene::udp(kCarrier), second);
  CHECK(scene.take(kCarrier).status() == 503);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  CHECK(scene.take(kPhone).status() == 200);
}
