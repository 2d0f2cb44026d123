#include "relay/stun/message_view.h"

#include <catch2/catch.hpp>

#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "relay/stun/message_writer.h"
#include "tests/unit/relay/stun/vectors.h"

namespace relay::stun {
namespace {

using common::Bytes;

/// Every accessor, so that a sanitizer sees each read.
std::size_t touch(const MessageView& view) {
  std::size_t seen = view.unknown_required().size();
  if (const auto username = view.username()) seen += username->size();
  if (const auto software = view.software()) seen += software->size();
  if (const auto error = view.error_code()) seen += error->reason.size();
  seen += view.priority().has_value() + view.controlling().has_value() + view.controlled().has_value();
  seen += view.xor_mapped_address().has_value() + view.use_candidate();
  return seen + view.integrity_matches(rfc5769::kPassword) + view.fingerprint_matches();
}

}  // namespace

TEST_CASE("the sample request of RFC 5769 is read and authenticated", "[stun][rfc5769]") {
  const Bytes bytes = rfc5769::request();
  const auto view = MessageView::parse(bytes);
  REQUIRE(view);
  CHECK(view->message_class() == MessageClass::Request);
  CHECK(view->method() == kBinding);
  CHECK(view->software() == "STUN test client");
  CHECK(view->username() == "evtj:h6vY");
  CHECK(view->priority() == 0x6e0001ffU);
  CHECK(view->controlled() == 0x932ff9b151263b36U);
  CHECK_FALSE(view->controlling());
  CHECK_FALSE(view->use_candidate());
  CHECK(view->unknown_required().empty());
  CHECK(view->integrity_matches(rfc5769::kPassword));
  CHECK_FALSE(view->integrity_matches("VOkJxbRl1RmTxUk/WvJxBu"));
  CHECK(view->fingerprint_matches());
}

TEST_CASE("the sample responses of RFC 5769 give the mapped address", "[stun][rfc5769]") {
  const Bytes v4 = rfc5769::ipv4_response();
  const Bytes v6 = rfc5769::ipv6_response();
  for (const Bytes& bytes : {v4, v6}) {
    const auto view = MessageView::parse(bytes);
    REQUIRE(view);
    CHECK(view->message_class() == MessageClass::Success);
    CHECK(view->software() == "test vector");
    CHECK(view->integrity_matches(rfc5769::kPassword));
    CHECK(view->fingerprint_matches());
  }
  CHECK(MessageView::parse(v4)->xor_mapped_address() == common::SocketAddress::parse("192.0.2.1:32853"));
  CHECK(MessageView::parse(v6)->xor_mapped_address() ==
        common::SocketAddress::parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853"));
}

TEST_CASE("the long-term sample request of RFC 5769 verifies under the digest of its credentials", "[stun][rfc5769]") {
  const Bytes bytes = rfc5769::long_term_request();
  const auto view = MessageView::parse(bytes);
  REQUIRE(view);
  const auto key = common::crypto::md5(common::as_bytes("マトリックス:example.org:TheMatrIX"));
  CHECK(view->integrity_matches(common::as_text(key)));
  CHECK_FALSE(view->has_fingerprint());
  CHECK_FALSE(view->fingerprint_matches());
}

TEST_CASE("a changed bit anywhere breaks integrity or fingerprint", "[stun]") {
  const Bytes good = rfc5769::request();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    const auto view = MessageView::parse(bad);
    CHECK_FALSE((view && view->integrity_matches(rfc5769::kPassword) && view->fingerprint_matches()));
  }
}

TEST_CASE("every truncation of a message is refused", "[stun]") {
  const Bytes good = rfc5769::request();
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(MessageView::parse(common::ByteSpan(good).first(size)));
  }
}

TEST_CASE("broken headers have their own errors", "[stun]") {
  Bytes bytes = rfc5769::request();
  SECTION("cookie") {
    bytes[4] ^= 1;
    CHECK(MessageView::parse(bytes).error() == ParseError::NotStun);
  }
  SECTION("first bits") {
    bytes[0] |= 0x80;
    CHECK(MessageView::parse(bytes).error() == ParseError::NotStun);
  }
  SECTION("length not a multiple of four") {
    bytes[3] ^= 1;
    CHECK(MessageView::parse(bytes).error() == ParseError::BadLength);
  }
  SECTION("bytes behind the message") {
    bytes.resize(bytes.size() + 4);
    CHECK(MessageView::parse(bytes).error() == ParseError::TooLong);
  }
  SECTION("an attribute that runs past the end") {
    bytes[23] = 0xFF;
    CHECK(MessageView::parse(bytes).error() == ParseError::BadAttribute);
  }
  SECTION("longer than any message of ours") {
    bytes.assign(kMaxMessage + 1, 0);
    CHECK(MessageView::parse(bytes).error() == ParseError::TooLong);
  }
}

TEST_CASE("what stands behind MESSAGE-INTEGRITY does not count", "[stun]") {
  Bytes bytes = MessageWriter(MessageClass::Request, kBinding, {}).username("a:b").finish("password");
  const Bytes appended = rfc5769::hex("00250000");  // USE-CANDIDATE
  bytes.insert(bytes.end() - 8, appended.begin(), appended.end());
  bytes[3] = static_cast<std::uint8_t>(bytes[3] + appended.size());
  const auto view = MessageView::parse(bytes);
  REQUIRE(view);
  CHECK_FALSE(view->use_candidate());
  CHECK(view->integrity_matches("password"));
}

TEST_CASE("unknown comprehension-required attributes are listed, at most eight", "[stun]") {
  Bytes bytes = MessageWriter(MessageClass::Request, kBinding, {}).username("a:b").finish("password");
  common::ByteWriter more;
  for (std::uint32_t type = 0x7F00; type < 0x7F20; ++type) more.u16(static_cast<std::uint16_t>(type)).u16(0);
  more.u16(0xFF00).u16(0);
  bytes.insert(bytes.begin() + kHeaderSize, more.view().begin(), more.view().end());
  common::store_be16(&bytes[2], static_cast<std::uint16_t>(bytes.size() - kHeaderSize));
  const auto view = MessageView::parse(bytes);
  REQUIRE(view);
  REQUIRE(view->unknown_required().size() == 8);
  CHECK(view->unknown_required()[0] == 0x7F00);
}

TEST_CASE("the first of a repeated attribute counts", "[stun]") {
  const Bytes bytes =
      MessageWriter(MessageClass::Request, kBinding, {}).username("first:x").username("second:x").finish("password");
  CHECK(MessageView::parse(bytes)->username() == "first:x");
}

TEST_CASE("seeded mutations never read outside of the message", "[stun]") {
  common::crypto::SeededRandom random(5769);
  const Bytes samples[] = {rfc5769::request(), rfc5769::ipv4_response(), rfc5769::ipv6_response(),
                           rfc5769::long_term_request()};
  std::size_t parsed = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = samples[static_cast<std::size_t>(round) % 4];
    for (std::uint32_t edits = random.u32() % 4 + 1; edits > 0; --edits) {
      bytes[random.u32() % bytes.size()] = static_cast<std::uint8_t>(random.u32());
    }
    if (const auto view = MessageView::parse(bytes)) parsed += touch(*view) < 4096;
  }
  CHECK(parsed > 1000);
}

}  // namespace relay::stun
