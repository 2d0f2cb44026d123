#include "proxy/core/session_timer.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using namespace proxy::core;
using proxy::sip::Message;

namespace {

constexpr auto kDesk = "192.0.2.77:5060";

Message asking(std::string_view expires, std::string_view min_se = {}, bool knows_timer = true) {
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  if (!expires.empty()) request.append("Session-Expires", expires);
  if (!min_se.empty()) request.append("Min-SE", min_se);
  if (knows_timer) request.append("Supported", "100rel, timer");
  return request;
}

std::string forwarded(Message request, std::uint32_t longest) {
  ask_for_session(request, longest);
  return std::string{request.get("Session-Expires")};
}

Message accepted(const Message& request, std::string_view expires = {}) {
  Message response = answer(request, 200, "d", "sip:bob@192.0.2.77", "v=0\r\n");
  if (!expires.empty()) response.append("Session-Expires", expires);
  return response;
}

}  // namespace

TEST_CASE("a session is asked to be as short as we want, and never shorter than the caller allows", "[core][rfc4028]") {
  CHECK(forwarded(asking(""), 1800) == "1800");
  CHECK(forwarded(asking("3600;refresher=uac"), 1800) == "1800;refresher=uac");
  CHECK(forwarded(asking("600"), 1800) == "600");
  CHECK(forwarded(asking("3600", "2400"), 1800) == "2400");
  CHECK(forwarded(asking("", "2400;x=y"), 1800) == "2400");
  CHECK(forwarded(asking("20", {}, false), 1800) == "90");
  CHECK(forwarded(asking("nonsense"), 1800) == "1800");
}

TEST_CASE("without our asking the callers' timers pass as they are", "[core][rfc4028]") {
  CHECK(forwarded(asking("20"), 0) == "20");
  CHECK(forwarded(asking(""), 0).empty());
  Message bye = bare("BYE", "sip:bob@example.org");
  ask_for_session(bye, 1800);
  CHECK_FALSE(bye.has("Session-Expires"));
}

TEST_CASE("a caller that knows session timers refreshes where its callee does not", "[core][rfc4028]") {
  const auto promised = [](const Message& request, Message response, std::uint32_t longest = 1800) {
    promise_session(response, request, longest);
    return std::string{response.get("Session-Expires")} + '|' + std::string{response.get("Require")};
  };
  CHECK(promised(asking("3600"), accepted(asking(""))) == "1800;refresher=uac|timer");
  CHECK(promised(asking(""), accepted(asking(""), "700;refresher=uas")) == "700;refresher=uas|");
  CHECK(promised(asking("", {}, false), accepted(asking(""))) == "|");
  CHECK(promised(asking(""), accepted(asking("")), 0) == "|");
  CHECK(promised(asking(""), answer(asking(""), 486, "d")) == "|");
}

TEST_CASE("the timer is asked for again in every refresh, with and without a body", "[core][rfc4028]") {
  CoreScene scene;
  scene.settings().session_expires = 1800;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp(kDesk));
  scene.receive(CoreScene::udp(kCarrier), asking(""));
  const Message rung = scene.take(kDesk);
  CHECK(rung.get("Session-Expires") == "1800");
  scene.receive(CoreScene::udp(kDesk), accepted(rung));
  const Message ok = scene.take(kCarrier);
  CHECK(ok.get("Session-Expires") == "1800;refresher=uac");
  Message update = from_caller("UPDATE", ok, 8);
  update.append("Session-Expires", "3600;refresher=uac");
  update.append("Supported", "timer");
  scene.receive(CoreScene::udp(kCarrier), update);
  const Message refreshed = scene.take(kDesk);
  CHECK(refreshed.get("Session-Expires") == "1800;refresher=uac");
  scene.receive(CoreScene::udp(kDesk), answer(refreshed, 200, "d"));
  CHECK(scene.take(kCarrier).get("Session-Expires") == "1800;refresher=uac");
}

TEST_CASE("the callee's 422 is the caller's to answer", "[core][rfc4028]") {
  CoreScene scene;
  scene.settings().session_expires = 1800;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp(kDesk));
  scene.receive(CoreScene::udp(kCarrier), asking("3600"));
  Message refusal = answer(scene.take(kDesk), 422, "d");
  refusal.append("Min-SE", "2400");
  scene.receive(CoreScene::udp(kDesk), refusal);
  const Message told = scene.take(kCarrier);
  CHECK(told.status() == 422);
  CHECK(told.get("Min-SE") == "2400");
}
