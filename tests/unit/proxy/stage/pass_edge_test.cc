#include <catch2/catch.hpp>

#include "proxy/core/flow_token.h"
#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

// Between user agents and a registrar that is a trunk of ours: RFC 5626 §5 and RFC 3327.
using namespace tests;
using proxy::sip::Message;

namespace {

const auto kPhoneFlow = CoreScene::tcp("192.0.2.88:40000", 31);
constexpr auto kPhoneWay = "flow 31";

std::vector<proxy::trunk::Trunk> with_registrar() {
  proxy::trunk::Trunk registrar;
  registrar.name = "pbx";
  registrar.host = "203.0.113.5";
  registrar.registrar_of = {"pbx.example"};
  return {registrar};
}

Message of_phone(std::string_view method, std::string_view uri) {
  Message request = bare(method, uri);
  request.set("From", "<sip:carol@pbx.example>;tag=caller");
  request.set("To", "<sip:carol@pbx.example>");
  request.set("Contact", "<sip:carol@192.0.2.88:40000;transport=tcp;ob>;reg-id=1;+sip.instance=\"<urn:uuid:1>\"");
  request.append("Supported", "path, outbound");
  return request;
}

/// The REGISTER of the phone as the registrar gets it.
Message registered(CoreScene& scene, const proxy::transport::Flow& flow = kPhoneFlow) {
  scene.receive(flow, of_phone("REGISTER", "sip:pbx.example"));
  return scene.take(kCarrier);
}

/// A request of the registrar for the phone, by the Path of its registration.
Message for_phone(std::string_view method, const Message& registration) {
  Message request = Message::request(method, "sip:carol@192.0.2.88:40000;transport=tcp;ob");
  request.append("Via", "SIP/2.0/UDP 203.0.113.5;rport;branch=z9hG4bKpbx" + std::string{method});
  request.append("Route", registration.get("Path"));
  request.append("Max-Forwards", "70");
  request.append("From", "<sip:dave@pbx.example>;tag=d");
  request.append("To", "<sip:carol@pbx.example>");
  request.append("Call-ID", "for-phone");
  request.append("CSeq", "1 " + std::string{method});
  request.append("Contact", "<sip:pbx@203.0.113.5>");
  return request;
}

}  // namespace

TEST_CASE("a REGISTER for another registrar gets our Path and the answer that this one gives", "[stage][rfc3327]") {
  CoreScene scene{with_registrar()};
  const Message registration = registered(scene);
  CHECK(registration.request_uri() == "sip:pbx.example");
  CHECK_FALSE(registration.has("Record-Route"));
  const auto path = proxy::sip::NameAddr::parse(registration.get("Path"));
  REQUIRE(path);
  CHECK(path->uri.host == "198.51.100.1");
  CHECK(path->uri.params.has("ob"));
  CHECK(path->uri.params.has("lr"));
  SECTION("a challenge") {
    Message challenge = answer(registration, 401, "r");
    challenge.append("WWW-Authenticate", R"(Digest realm="pbx.example", nonce="1")");
    scene.receive(CoreScene::udp(kCarrier), challenge);
    const Message told = scene.take(kPhoneWay);
    CHECK(told.status() == 401);
    CHECK(told.get("WWW-Authenticate") == R"(Digest realm="pbx.example", nonce="1")");
  }
  SECTION("a Service-Route") {
    Message accepted = answer(registration, 200, "r");
    accepted.append("Service-Route", "<sip:orig@203.0.113.5;lr>");
    scene.receive(CoreScene::udp(kCarrier), accepted);
    CHECK(scene.take(kPhoneWay).get("Service-Route") == "<sip:orig@203.0.113.5;lr>");
  }
}

TEST_CASE("a refresh over the same flow has the same Path, one over another flow another", "[stage][rfc5626]") {
  CoreScene scene{with_registrar()};
  const std::string first{registered(scene).get("Path")};
  Message refresh = of_phone("REGISTER", "sip:pbx.example");
  refresh.set("CSeq", "8 REGISTER");
  refresh.replace_at("Via", 0, "SIP/2.0/TCP 192.0.2.88:40000;branch=z9hG4bKrefresh");
  scene.receive(kPhoneFlow, refresh);
  CHECK(scene.take(kCarrier).get("Path") == first);
  CHECK(registered(scene, CoreScene::tcp("192.0.2.88:40001", 32)).get("Path") != first);
}

TEST_CASE("the registrar's requests reach the phone over its flow, and a call goes on both ways", "[stage][rfc5626]") {
  CoreScene scene{with_registrar()};
  Message call = for_phone("INVITE", registered(scene));
  scene.receive(CoreScene::udp(kCarrier), call);
  const Message rung = scene.take(kPhoneWay);
  CHECK(rung.request_uri() == "sip:carol@192.0.2.88:40000;transport=tcp;ob");
  CHECK_FALSE(rung.has("Route"));
  scene.receive(kPhoneFlow, answer(rung, 200, "c", "sip:carol@192.0.2.88:40000;transport=tcp;ob"));
  const Message ok = scene.take(kCarrier);
  CHECK(ok.status() == 200);
  scene.receive(kPhoneFlow, from_callee("BYE", rung, "c", 1));
  CHECK(scene.take(kCarrier).is("BYE"));
}

TEST_CASE("when the flow is gone the registrar hears 430", "[stage][rfc5626]") {
  CoreScene scene{with_registrar()};
  const Message call = for_phone("INVITE", registered(scene));
  scene.sender.closed.insert({31});
  scene.receive(CoreScene::udp(kCarrier), call);
  CHECK(scene.take(kCarrier).status() == 430);
}

TEST_CASE("nobody but its registrar uses a flow", "[stage][rfc5626][attack]") {
  auto trunks = with_registrar();
  proxy::trunk::Trunk other;
  other.name = "other";
  other.host = "203.0.113.6";
  trunks.push_back(other);
  CoreScene scene{trunks};
  const Message call = for_phone("INVITE", registered(scene));
  SECTION("a stranger") {
    scene.receive(CoreScene::udp("192.0.2.66:5060"), call);
    CHECK(scene.take("192.0.2.66:5060").status() >= 400);
  }
  SECTION("another trunk") {
    scene.receive(CoreScene::udp(kSecond), call);
    CHECK(scene.take(kSecond).status() == 404);
  }
  CHECK(scene.nothing_to(kPhoneWay));
}

TEST_CASE("a phone calls within its own domain, and its registrar asks for its password", "[stage][rfc5626]") {
  CoreScene scene{with_registrar()};
  SECTION("there") {
    scene.receive(kPhoneFlow, of_phone("INVITE", "sip:dave@pbx.example"));
    const Message call = scene.take(kCarrier);
    CHECK(call.request_uri() == "sip:dave@pbx.example");
    CHECK(call.has("Record-Route"));
    CHECK_FALSE(call.has("Path"));
    Message challenge = answer(call, 407, "p");
    challenge.append("Proxy-Authenticate", R"(Digest realm="pbx.example", nonce="1")");
    scene.receive(CoreScene::udp(kCarrier), challenge);
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.take(kPhoneWay).status() == 407);
  }
  SECTION("and nowhere else without ours") {
    scene.receive(kPhoneFlow, of_phone("INVITE", "sip:+4930123@example.org"));
    CHECK(scene.take(kPhoneWay).get("Proxy-Authenticate").find("example.org") != std::string::npos);
    CHECK(scene.nothing_to(kCarrier));
  }
  SECTION("who is of another domain is nobody there") {
    Message foreign = of_phone("INVITE", "sip:dave@pbx.example");
    foreign.set("From", "<sip:x@elsewhere.example>;tag=caller");
    scene.receive(kPhoneFlow, foreign);
    CHECK(scene.take(kPhoneWay).status() == 407);
  }
}
