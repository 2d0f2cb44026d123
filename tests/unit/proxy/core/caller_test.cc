#include "proxy/core/caller.h"

#include "tests/support/calls.h"

using namespace tests;
using proxy::routing::Pattern;
using proxy::sip::Message;
using proxy::trunk::CallerPolicy;

namespace {

proxy::trunk::Trunk carrier() {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  return trunk;
}

proxy::trunk::Trunk with_main_number() {
  auto trunk = carrier();
  trunk.caller.show = CallerPolicy::Show::Number;
  trunk.caller.number = "+49301000";
  trunk.from_domain = "carrier.example";
  return trunk;
}

Message call_of_alice(std::string_view name = {}, std::string_view value = {}) {
  Message request = invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99");
  if (!name.empty()) request.append(name, value);
  return request;
}

std::string uri_in(const Message& message, std::string_view field) {
  const auto party = proxy::sip::NameAddr::parse(message.get(field));
  return party ? party->uri.to_string() : std::string{};
}

/// Alice calls, the carrier answers; gives what the carrier got and what alice got.
struct Call {
  Message out;
  Message ok;
};
Call answered(CoreScene& scene, const Message& request = call_of_alice()) {
  Call call{call_out(scene, request), {}};
  scene.receive(CoreScene::udp(kCarrier), answer(call.out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  call.ok = scene.take(kPhone);
  return call;
}

constexpr auto kOwn = "sip:alice@example.org";
constexpr auto kMain = "sip:+49301000@carrier.example";

}  // namespace

TEST_CASE("inside a dialog each end meets the caller it knows, in either direction", "[core][trunk]") {
  CoreScene scene{{with_main_number()}};
  const Call call = answered(scene);
  CHECK(uri_in(call.out, "From") == kMain);
  CHECK(call.out.from_tag() == call.ok.from_tag());
  CHECK(uri_in(call.ok, "From") == kOwn);

  scene.receive(CoreScene::udp(kPhone), from_caller("INFO", call.ok, 9));
  const Message info = scene.take(kCarrier);
  CHECK(uri_in(info, "From") == kMain);
  CHECK(info.from_tag() == call.out.from_tag());
  scene.receive(CoreScene::udp(kCarrier), answer(info, 200, "t1"));
  CHECK(uri_in(scene.take(kPhone), "From") == kOwn);

  scene.receive(CoreScene::udp(kCarrier), from_callee("BYE", call.out, "t1", 5));
  const Message bye = scene.take(kPhone);
  CHECK(uri_in(bye, "To") == kOwn);
  CHECK(bye.to_tag() == call.out.from_tag());
  scene.receive(CoreScene::udp(kPhone), answer(bye, 200, "ignored"));
  CHECK(uri_in(scene.take(kCarrier), "To") == kMain);
}

TEST_CASE("another policy after a reload changes no running call", "[core][trunk]") {
  CoreScene scene{{with_main_number()}};
  const Call call = answered(scene);
  scene.administration->trunks = proxy::trunk::TrunkTable{{carrier()}};
  scene.receive(CoreScene::udp(kPhone), from_caller("BYE", call.ok, 9));
  CHECK(uri_in(scene.take(kCarrier), "From") == kMain);
  scene.receive(CoreScene::udp(kCarrier), from_callee("INFO", call.out, "t1", 5));
  CHECK(uri_in(scene.take(kPhone), "To") == kOwn);
}

TEST_CASE("a caller who got the callee's cookie does not show himself by it", "[core][trunk]") {
  CoreScene scene{{with_main_number()}};
  Call call = answered(scene);
  call.ok.set("Record-Route", call.out.get("Record-Route"));
  scene.receive(CoreScene::udp(kPhone), from_caller("BYE", call.ok, 9));
  CHECK(uri_in(scene.take(kCarrier), "From") == kMain);
}

TEST_CASE("a call that shows what it is carries nothing more in its cookie", "[core][trunk]") {
  CoreScene plain{{carrier()}};
  CoreScene other{{with_main_number()}};
  CHECK(call_out(plain).get("Record-Route").size() < call_out(other).get("Record-Route").size());
  CHECK(uri_in(answered(plain).out, "From") == kOwn);
}

TEST_CASE("a caller who wants privacy is anonymous in From", "[core][rfc3323]") {
  auto trunk = carrier();
  trunk.from_domain = "carrier.example";
  SECTION("and vouched for to a trunk that takes an identity") {
    trunk.caller.identity = CallerPolicy::Identity::Asserted;
    CoreScene scene{{trunk}};
    const Call call = answered(scene, call_of_alice("Privacy", "id"));
    CHECK(call.out.get("From").starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="));
    CHECK(call.out.get("P-Asserted-Identity") == "<sip:alice@carrier.example>");
    CHECK(call.out.get("Privacy") == "id");
    scene.receive(CoreScene::udp(kPhone), from_caller("BYE", call.ok, 9));
    const Message bye = scene.take(kCarrier);
    CHECK(bye.get("From").starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="));
    CHECK(uri_in(call.ok, "From") == kOwn);
  }
  SECTION("and nobody to a trunk that takes none") {
    trunk.caller.identity = CallerPolicy::Identity::None;
    CoreScene scene{{trunk}};
    const Message out = call_out(scene, call_of_alice("Privacy", "user"));
    CHECK(uri_in(out, "From") == "sip:anonymous@anonymous.invalid");
    CHECK_FALSE(out.has("P-Asserted-Identity"));
  }
  SECTION("unless the trunk does that itself") {
    trunk.caller.anonymise = false;
    CoreScene scene{{trunk}};
    CHECK(uri_in(call_out(scene, call_of_alice("Privacy", "id")), "From") == "sip:alice@carrier.example");
  }
}

TEST_CASE("an anonymous From is accepted of a proven user, who is vouched for with privacy", "[core][rfc3323]") {
  auto trunk = carrier();
  trunk.caller.identity = CallerPolicy::Identity::RemoteParty;
  CoreScene scene{{trunk}};
  Message request = call_of_alice();
  request.set("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=" + request.from_tag());
  const Message out = call_out(scene, request);
  CHECK(uri_in(out, "From") == "sip:anonymous@anonymous.invalid");
  CHECK(out.get("Remote-Party-ID") == "<sip:alice@example.org>;party=calling;screen=yes;privacy=full");
  CHECK(out.get("Privacy") == "id");
}

TEST_CASE("a user may appear as one of the numbers allowed, as no other", "[core][trunk]") {
  auto trunk = carrier();
  trunk.caller.allowed = {*Pattern::parse("+4930*")};
  trunk.caller.number = "+49301000";
  trunk.caller.identity = CallerPolicy::Identity::Asserted;
  trunk.user_phone = true;
  CoreScene scene{{trunk}};
  SECTION("his choice") {
    const Message out = call_out(scene, call_of_alice("P-Preferred-Identity", "<tel:+49307>"));
    CHECK(uri_in(out, "From") == "sip:+49307@example.org;user=phone");
    CHECK(out.get("P-Asserted-Identity") == "<sip:+49307@example.org;user=phone>");
    CHECK_FALSE(out.has("P-Preferred-Identity"));
    CHECK(out.request_uri() == "sip:+4930123@203.0.113.5;user=phone");
  }
  SECTION("a foreign one") {
    const Message out = call_out(scene, call_of_alice("P-Preferred-Identity", "<sip:+1900@example.org>"));
    CHECK(uri_in(out, "From") == "sip:+49301000@example.org;user=phone");
  }
}

TEST_CASE("a display name goes with a foreign number, and stays with one's own", "[core][trunk]") {
  auto trunk = with_main_number();
  SECTION("the main number") {}
  SECTION("the own one elsewhere") { trunk.caller.show = CallerPolicy::Show::Caller; }
  CoreScene scene{{trunk}};
  Message request = call_of_alice();
  request.set("From", "\"Alice\" " + std::string{request.get("From")});
  const bool is_own = trunk.caller.show == CallerPolicy::Show::Caller;
  CHECK((call_out(scene, request).from()->display == "\"Alice\"") == is_own);
}

TEST_CASE("what an untrusted trunk says of identities is not passed on", "[core][rfc3325]") {
  auto trunk = carrier();
  SECTION("untrusted") {}
  SECTION("trusted") { trunk.trusted_identity = true; }
  CoreScene scene{{trunk}};
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  Message request = of_carrier(invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  request.append("P-Asserted-Identity", "<tel:+4930999>");
  request.append("Remote-Party-ID", "<sip:+4930999@carrier.example>;screen=yes");
  scene.receive(CoreScene::udp(kCarrier), request);
  const Message in = scene.take("flow 11");
  CHECK(in.has("P-Asserted-Identity") == trunk.trusted_identity);
  CHECK(in.has("Remote-Party-ID") == trunk.trusted_identity);
}

TEST_CASE("our own BYE to the callee names the caller as the callee knows him", "[core][trunk]") {
  CoreScene scene{{with_main_number()}};
  const Call call = answered(scene);
  const auto blob =
      std::ranges::find_if(scene.relays.asked, [](const auto& asked) { return !asked.request.teardown_blob.empty(); });
  REQUIRE(blob != scene.relays.asked.end());
  const std::string text = blob->request.teardown_blob;
  REQUIRE(scene.core().on_teardown(text));
  scene.settle();
  CHECK(uri_in(scene.take(kCarrier), "From") == kMain);
  CHECK(uri_in(scene.take(kPhone), "To") == kOwn);
}
