#include "proxy/core/sealer.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace proxy::core;
using common::as_bytes;

namespace {

Sealer sealer_of(std::string_view secret) { return Sealer{Sealer::derive(as_bytes(secret))}; }

}  // namespace

TEST_CASE("a sealed text is AES-SIV of RFC 5297 with its head and reader as associated data", "[cookie][rfc5297]") {
  const auto key = common::hex_decode("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff").value();
  const auto plain = common::hex_decode("112233445566778899aabbccddee").value();
  const auto sealed = Sealer{{5, key}}.seal(plain, "reader");
  CHECK(sealed.size() == plain.size() + Sealer::kOverhead);
  CHECK(sealed[0] == (Sealer::kVersion << 4 | 5));
  CHECK(common::hex_encode(sealed) == "1522e0de5597037279398fbeae837943122a0b252293f5006fffd21af390f7");
}

TEST_CASE("equal contents for equal readers give equal sealed bytes, and nobody else opens them", "[cookie][rfc5297]") {
  const Sealer sealer = sealer_of("secret");
  const auto sealed = sealer.seal(as_bytes("contents"), "for whom");
  CHECK(sealed.size() == 8 + Sealer::kOverhead);
  CHECK(sealer.seal(as_bytes("contents"), "for whom") == sealed);
  CHECK(sealer.open(sealed, "for whom") == common::Bytes{'c', 'o', 'n', 't', 'e', 'n', 't', 's'});
  CHECK_FALSE(sealer.open(sealed, "for another"));
}

TEST_CASE("every changed bit of a sealed text is noticed", "[cookie]") {
  const Sealer sealer = sealer_of("secret");
  const auto sealed = sealer.seal(as_bytes("contents"), "ad");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    CHECK_FALSE(sealer.open(changed, "ad"));
  }
  CHECK_FALSE(sealer.open(common::ByteSpan{sealed}.first(Sealer::kOverhead), "ad"));
  CHECK_FALSE(sealer.open({}, "ad"));
}

TEST_CASE("what either of two keys has sealed opens, and a key that was taken out opens nothing", "[cookie]") {
  const auto one = Sealer::derive(as_bytes("one"));
  const auto two = Sealer::derive(as_bytes("two"));
  const auto by_one = Sealer{one}.seal(as_bytes("x"), "ad");
  const Sealer rotated{two, one};
  const auto by_two = rotated.seal(as_bytes("x"), "ad");
  CHECK(by_two == Sealer{two}.seal(as_bytes("x"), "ad"));
  CHECK(rotated.open(by_one, "ad"));
  CHECK(rotated.open(by_two, "ad"));
  CHECK(Sealer{one, two}.open(by_two, "ad"));
  CHECK_FALSE(Sealer{two}.open(by_one, "ad"));
}

TEST_CASE("two keys may have the same id", "[cookie]") {
  const Sealer::Key one{5, common::Bytes(32, 1)};
  const Sealer::Key two{5, common::Bytes(32, 2)};
  CHECK(Sealer{one, two}.open(Sealer{two}.seal(as_bytes("x"), "ad"), "ad"));
  CHECK(Sealer{one, two}.open(Sealer{one}.seal(as_bytes("x"), "ad"), "ad"));
}

TEST_CASE("a key of 64 bytes means AES-256-SIV", "[cookie]") {
  const Sealer sealer{Sealer::Key{1, common::Bytes(64, 7)}};
  const auto sealed = sealer.seal(as_bytes("x"), "ad");
  CHECK(common::hex_encode(sealed) == "11c1aa2ca0dbbc4ffb06b63eb3f933070d15");
  CHECK(sealer.open(sealed, "ad") == common::Bytes{'x'});
}

TEST_CASE("one secret gives one key everywhere, and another secret another", "[cookie]") {
  const auto key = Sealer::derive(as_bytes("secret"));
  CHECK(key.bytes.size() == 32);
  CHECK(key.id < 16);
  CHECK(Sealer::derive(as_bytes("secret")).bytes == key.bytes);
  CHECK(Sealer::derive(as_bytes("secret")).id == key.id);
  CHECK(Sealer::derive(as_bytes("secreu")).bytes != key.bytes);
}

TEST_CASE("a single byte can be sealed, and comes back", "[cookie]") {
  const Sealer sealer = sealer_of("secret");
  CHECK(sealer.open(sealer.seal(as_bytes("x"), "ad"), "ad") == common::Bytes{'x'});
  CHECK_FALSE(sealer.open(sealer.seal(as_bytes("x"), "ad"), ""));
}
