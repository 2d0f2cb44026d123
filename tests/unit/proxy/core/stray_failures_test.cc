#include "proxy/core/stray_failures.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

namespace {

/// The caller's ACK for a failure it got.
Message ack_for(const Message& failure) {
  Message ack = Message::request("ACK", "sip:+4930123@example.org");
  for (const auto* name : {"Via", "From", "To", "Call-ID"}) ack.append(name, failure.get(name));
  ack.append("CSeq", std::to_string(failure.cseq()->number) + " ACK");
  return ack;
}

}  // namespace

TEST_CASE("a failure that belongs to a dead node is acknowledged when the caller has it, and not before",
          "[core][pair]") {
  CoreScene first;
  const Message out = call_out(first);
  const Message busy = answer(out, 486, "t1");

  CoreScene survivor;
  survivor.receive(CoreScene::udp(kCarrier), busy);
  const Message heard = survivor.take(kPhone);
  CHECK(heard.status() == 486);
  CHECK(survivor.nothing_to(kCarrier));

  survivor.receive(CoreScene::udp(kPhone), ack_for(heard));
  const Message ack = survivor.take(kCarrier);
  CHECK(ack.is("ACK"));
  CHECK(ack.all("Via") == std::vector<std::string>{out.all("Via").front()});
  CHECK(ack.get("To") == busy.get("To"));
  CHECK(ack.cseq()->number == out.cseq()->number);

  SECTION("once more when the first was lost on its way") {
    survivor.receive(CoreScene::udp(kCarrier), busy);
    CHECK(survivor.take(kPhone).status() == 486);
    survivor.receive(CoreScene::udp(kPhone), ack_for(heard));
    CHECK(survivor.take(kCarrier).is("ACK"));
  }
  SECTION("until the carrier has given up") {
    survivor.advance(33s);
    survivor.receive(CoreScene::udp(kPhone), ack_for(heard));
    CHECK(survivor.nothing_to(kCarrier));
  }
}

TEST_CASE("a failure that its cookie does not vouch for is acknowledged by nobody", "[core][pair]") {
  CoreScene first;
  const Message busy = answer(call_out(first), 486, "t1");
  CoreScene survivor;
  survivor.receive(CoreScene::udp("203.0.113.66:5060"), busy);
  Message below = busy;
  below.remove_first("Via");
  survivor.receive(CoreScene::udp(kPhone), ack_for(below));
  CHECK(survivor.nothing_to("203.0.113.66:5060"));
  CHECK(survivor.nothing_to(kCarrier));
}

TEST_CASE("of very many failures the oldest are forgotten", "[core][pair]") {
  CoreScene first;
  const Message busy = answer(call_out(first), 486, "t1");
  proxy::core::StrayFailures failures;
  const common::Instant now{};
  for (int i = 0; i < 10'100; ++i) {
    Message other = busy;
    other.replace_at("Via", 1, "SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK" + std::to_string(i));
    failures.note(other, CoreScene::udp(kCarrier), now);
  }
  CHECK(failures.size() <= 10'000);
}
