#include "relay/ice/binding.h"

#include <catch2/catch.hpp>

#include "tests/unit/relay/ice/unknown_attributes.h"

namespace relay::ice {
namespace {

const stun::TransactionId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
const Credentials kLocal{"ours", "our password of 22 char"};
const Credentials kRemote{"them", "their password, longer"};
const common::SocketAddress kSource = *common::SocketAddress::parse("[2001:db8::7]:4000");

/// A request as a peer sends it to us.
const common::Bytes kRequest = write_check(kId, kRemote, kLocal, {});

/// What an answer to that request says.
struct Answer {
  explicit Answer(common::Bytes message) : bytes(std::move(message)), view(*stun::MessageView::parse(bytes)) {}
  std::uint16_t code() const { return view.error_code() ? view.error_code()->code : std::uint16_t{0}; }
  common::Bytes bytes;
  stun::MessageView view;
};

stun::MessageView request() { return *stun::MessageView::parse(kRequest); }

}  // namespace

TEST_CASE("a check names both fragments, the peer's first, and is proven with the peer's password", "[ice][rfc8445]") {
  const common::Bytes bytes = write_check(kId, kLocal, kRemote, {0x6e0000ff, 77, true, false});
  const auto check = stun::MessageView::parse(bytes);
  REQUIRE(check);
  CHECK(check->message_class() == stun::MessageClass::Request);
  CHECK(check->method() == stun::kBinding);
  CHECK(check->transaction_id() == kId);
  CHECK(check->username() == "them:ours");
  CHECK(check->priority() == 0x6e0000ffU);
  CHECK(check->integrity_matches(kRemote.password));
  CHECK_FALSE(check->integrity_matches(kLocal.password));
  CHECK(check->fingerprint_matches());
}

TEST_CASE("a check says one role with its tie breaker, and nominates only when told to", "[ice][rfc8445]") {
  const common::Bytes as_controlling = write_check(kId, kLocal, kRemote, {1, 77, true, true});
  const auto controlling = stun::MessageView::parse(as_controlling);
  CHECK(controlling->controlling() == 77U);
  CHECK_FALSE(controlling->controlled());
  CHECK(controlling->use_candidate());
  const common::Bytes as_controlled = write_check(kId, kLocal, kRemote, {1, 78, false, false});
  const auto controlled = stun::MessageView::parse(as_controlled);
  CHECK(controlled->controlled() == 78U);
  CHECK_FALSE(controlled->controlling());
  CHECK_FALSE(controlled->use_candidate());
}

TEST_CASE("a success tells the source of the check, under its transaction and our password", "[ice][rfc8445]") {
  const Answer success(write_success(request(), kSource, kLocal.password));
  CHECK(success.view.message_class() == stun::MessageClass::Success);
  CHECK(success.view.transaction_id() == kId);
  CHECK(success.view.xor_mapped_address() == kSource);
  CHECK(success.view.integrity_matches(kLocal.password));
  CHECK(success.view.fingerprint_matches());
}

TEST_CASE("a role conflict is a 487 that the peer can believe", "[ice][rfc8445]") {
  const Answer conflict(write_role_conflict(request(), kLocal.password));
  CHECK(conflict.view.message_class() == stun::MessageClass::Error);
  CHECK(conflict.code() == 487);
  CHECK(conflict.view.transaction_id() == kId);
  CHECK(conflict.view.integrity_matches(kLocal.password));
}

TEST_CASE("a 420 lists the attributes that were not understood", "[ice][rfc8489]") {
  const common::Bytes odd = with_attributes(kRequest, {0x7F01, 0x7F02});
  const Answer unknown(write_unknown_attributes(*stun::MessageView::parse(odd), kLocal.password));
  CHECK(unknown.code() == 420);
  CHECK(unknown.view.integrity_matches(kLocal.password));
  const auto listed = unknown.view.find(stun::Attribute::UnknownAttributes).value();
  CHECK(common::Bytes(listed.begin(), listed.end()) == common::Bytes{0x7F, 0x01, 0x7F, 0x02});
}

TEST_CASE("a refusal proves nothing, since nobody has proven anything to us", "[ice][rfc8489]") {
  for (const std::uint16_t code : {stun::kBadRequest, stun::kUnauthenticated}) {
    const Answer refusal(write_refusal(request(), code));
    CHECK(refusal.code() == code);
    CHECK(refusal.view.transaction_id() == kId);
    CHECK_FALSE(refusal.view.has_integrity());
    CHECK(refusal.view.fingerprint_matches());
  }
  CHECK(Answer(write_refusal(request(), stun::kBadRequest)).view.error_code()->reason == "Bad Request");
  CHECK(Answer(write_refusal(request(), stun::kUnauthenticated)).view.error_code()->reason == "Unauthenticated");
}

}  // namespace relay::ice
