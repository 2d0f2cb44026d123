#pragma once

#include <catch2/catch.hpp>

#include "tests/support/core_scene.h"

/// The people of a CoreScene: two trunks, a phone and a browser.
namespace tests {

inline constexpr auto kCarrier = "203.0.113.5:5060";
inline constexpr auto kSecond = "203.0.113.6:5060";
inline constexpr auto kPhone = "192.0.2.99:5060";
inline const auto kBrowser = CoreScene::wss(11);

/// Alice calls a number with credentials; gives the INVITE as the first trunk gets it.
inline proxy::sip::Message call_out(CoreScene& scene,
                                    proxy::sip::Message request = invite("alice", "sip:+4930123@example.org",
                                                                         "sip:alice@192.0.2.99")) {
  scene.receive(CoreScene::udp(kPhone), request);
  const proxy::sip::Message challenge = scene.take(kPhone);
  REQUIRE(challenge.status() == 407);
  proxy::sip::Message ack = proxy::sip::Message::request("ACK", request.request_uri());
  for (const auto* name : {"Via", "From", "Call-ID"}) ack.append(name, request.get(name));
  ack.append("To", challenge.get("To"));
  ack.append("CSeq", "7 ACK");
  scene.receive(CoreScene::udp(kPhone), ack);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(request, challenge, "alice"));
  return scene.take(kCarrier);
}

/// A request of alice outside of any dialog and without a body.
inline proxy::sip::Message bare(std::string_view method, std::string_view uri) {
  const proxy::sip::Message like = invite("alice", uri, "sip:alice@192.0.2.99", "");
  proxy::sip::Message request = proxy::sip::Message::request(method, uri);
  for (const auto& header : like.headers()) request.append(header.name, header.value);
  request.set("CSeq", "7 " + std::string{method});
  return request;
}

/// What a proxy that knows of nothing yet answers to this request first.
inline int first_answer(std::string_view from, const proxy::sip::Message& request) {
  CoreScene scene;
  scene.receive(CoreScene::udp(from), request);
  return scene.take(from).status();
}

/// The same request as a carrier's own.
inline proxy::sip::Message of_carrier(proxy::sip::Message request) {
  request.set("From", "<sip:+49@carrier.example>;tag=t");
  return request;
}

}  // namespace tests
