#include "relay/rtcp/compound_view.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace relay::rtcp;
using common::Bytes;

namespace {

Bytes hex(std::string_view text) { return *common::hex_decode(text); }

std::optional<ParseError> error_of(std::string_view text) {
  const Bytes bytes = hex(text);
  const auto compound = CompoundView::parse(bytes);
  if (compound) return std::nullopt;
  return compound.error();
}

constexpr std::string_view kReport = "80c9000100000001";  // RR without blocks

}  // namespace

TEST_CASE("the packets of a compound come from front to back with type, count, body and whole", "[rtcp][rfc3550]") {
  const Bytes bytes =
      hex("80c9000100000001"
          "81ca000200000001"
          "00000000"
          "82cb0002000000010000000a");
  auto compound = CompoundView::parse(bytes);
  REQUIRE(compound);
  const auto report = compound->next();
  REQUIRE(report);
  CHECK(report->type == PacketType::ReceiverReport);
  CHECK(report->count == 0);
  CHECK(common::hex_encode(report->body) == "00000001");
  CHECK(common::hex_encode(report->whole) == kReport);
  CHECK(compound->next()->type == PacketType::SourceDescription);
  const auto bye = compound->next();
  REQUIRE(bye);
  CHECK(bye->type == PacketType::Bye);
  CHECK(bye->count == 2);
  CHECK(common::hex_encode(bye->body) == "000000010000000a");
  CHECK_FALSE(compound->next());
  CHECK_FALSE(compound->next());
}

TEST_CASE("extended reports and types without a name have their place and are passed over", "[rtcp][rfc3611]") {
  const Bytes bytes =
      hex("80cf000100000001"
          "9ffa0000"
          "80c9000100000001");
  auto compound = CompoundView::parse(bytes);
  REQUIRE(compound);
  CHECK(compound->next()->type == PacketType::ExtendedReport);
  const auto unknown = compound->next();
  REQUIRE(unknown);
  CHECK(static_cast<int>(unknown->type) == 250);
  CHECK(unknown->count == 31);
  CHECK(unknown->body.empty());
  CHECK(compound->next()->type == PacketType::ReceiverReport);
  CHECK_FALSE(compound->next());
}

TEST_CASE("a packet may be its header alone, at the end too", "[rtcp][rfc3550]") {
  const Bytes bytes =
      hex("80cb0000"
          "80cb0000");
  auto compound = CompoundView::parse(bytes);
  REQUIRE(compound);
  CHECK(compound->next()->body.empty());
  CHECK(compound->next()->body.empty());
  CHECK_FALSE(compound->next());
}

TEST_CASE("feedback alone, without a report before it, is a compound of reduced size", "[rtcp][rfc5506]") {
  const Bytes bytes = hex("81ce00020000000100000009");
  auto compound = CompoundView::parse(bytes);
  REQUIRE(compound);
  CHECK(compound->next()->type == PacketType::PayloadFeedback);
}

TEST_CASE("padding of the last packet is not part of its body", "[rtcp][rfc3550]") {
  const Bytes bytes =
      hex("80c9000100000001"
          "a0c900030000000200000000"
          "00000008");
  auto compound = CompoundView::parse(bytes);
  REQUIRE(compound);
  compound->next();
  const auto padded = compound->next();
  REQUIRE(padded);
  CHECK(common::hex_encode(padded->body) == "00000002");
  CHECK(padded->whole.size() == 16);
}

TEST_CASE("a compound that is cut anywhere but between two packets is refused", "[rtcp]") {
  const Bytes bytes =
      hex("80c9000100000001"
          "80c9000100000001");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    const auto compound = CompoundView::parse({bytes.data(), size});
    CHECK(compound.has_value() == (size == 8));
    if (!compound) CHECK((compound.error() == ParseError::Truncated || compound.error() == ParseError::BadLength));
  }
}

TEST_CASE("compounds whose lengths, versions or padding do not add up have their own errors", "[rtcp][rfc3550]") {
  SECTION("shorter than a header, or than the first packet says") {
    CHECK(error_of("") == ParseError::Truncated);
    CHECK(error_of("80c900") == ParseError::Truncated);
    CHECK(error_of("80c90002000000") == ParseError::Truncated);
  }
  SECTION("bytes behind the last packet that make no header") {
    CHECK(error_of("80c900010000000180") == ParseError::BadLength);
  }
  SECTION("another version, in the first packet or behind it") {
    CHECK(error_of("40c9000100000001") == ParseError::BadVersion);
    CHECK(error_of("80c9000100000001c0c9000100000001") == ParseError::BadVersion);
  }
  SECTION("padding of no length, of no whole words, or longer than the packet") {
    CHECK(error_of("a0c9000100000000") == ParseError::BadPadding);
    CHECK(error_of("a0c9000100000003") == ParseError::BadPadding);
    CHECK(error_of("a0c9000100000008") == ParseError::BadPadding);
    CHECK_FALSE(error_of("a0c9000100000004"));
  }
  SECTION("padding before the last packet") {
    CHECK(error_of("a0c90002000000010000000480c9000100000001") == ParseError::BadPadding);
    CHECK_FALSE(error_of("80c9000100000001a0c900020000000100000004"));
  }
}
