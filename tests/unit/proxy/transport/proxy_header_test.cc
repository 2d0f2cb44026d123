#include "proxy/transport/proxy_header.h"

#include <catch2/catch.hpp>

#include "tests/support/proxy_headers.h"

using namespace proxy::transport;
using test::proxy_header;

namespace {

using Read = common::Result<std::optional<ProxyHeader>, ProxyHeaderError>;

/// What a reader says in the end that gets `bytes` in pieces of `step`.
Read read(std::string_view bytes, std::size_t step = 1'000'000) {
  ProxyHeaderReader reader;
  for (;;) {
    const std::size_t count = std::min({reader.wanted(), step, bytes.size()});
    if (count == 0) return std::optional<ProxyHeader>{};
    auto result = reader.push(common::as_bytes(bytes.substr(0, count)));
    if (!result || *result) return result;
    bytes.remove_prefix(count);
  }
}

std::string source_of(std::string_view bytes, std::size_t step = 1'000'000) {
  const auto header = read(bytes, step);
  REQUIRE(header);
  REQUIRE(*header);
  return (*header)->source ? (*header)->source->to_string() : "none";
}

constexpr std::string_view kFour{"\xC0\x00\x02\x07\xC6\x33\x64\x01\x9C\x40\x13\xC4", 12};  // 192.0.2.7:40000
const std::string kSix = std::string{"\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07", 16} + std::string(16, '\1') +
                         std::string{"\x9C\x40\x13\xC5", 4};

}  // namespace

TEST_CASE("a balancer's header tells who has connected to it", "[transport][proxy-protocol]") {
  CHECK(source_of(proxy_header(0x21, 0x11, kFour)) == "192.0.2.7:40000");
  CHECK(source_of(proxy_header(0x21, 0x21, kSix)) == "[2001:db8::7]:40000");
}

TEST_CASE("a balancer that speaks for itself names nobody", "[transport][proxy-protocol]") {
  CHECK(source_of(proxy_header(0x20, 0x00, "")) == "none");
  CHECK(source_of(proxy_header(0x20, 0x11, kFour)) == "none");                  // LOCAL: addresses mean nothing
  CHECK(source_of(proxy_header(0x21, 0x00, "whatever")) == "none");             // unspecified
  CHECK(source_of(proxy_header(0x21, 0x31, std::string(216, 'p'))) == "none");  // a Unix socket
}

TEST_CASE("a header may come byte by byte, and nothing behind it is taken", "[transport][proxy-protocol]") {
  const std::string header = proxy_header(0x21, 0x11, std::string{kFour} + std::string{"\x04\x00\x02hi", 5});
  CHECK(source_of(header, 1) == "192.0.2.7:40000");
  ProxyHeaderReader reader;
  CHECK(reader.wanted() == 16);
  REQUIRE(reader.push(common::as_bytes(std::string_view{header}.substr(0, 16))));
  CHECK(reader.wanted() == header.size() - 16);
}

TEST_CASE("extensions are passed over, if they are whole", "[transport][proxy-protocol][attack]") {
  const auto with = [](std::string_view more) { return proxy_header(0x21, 0x11, std::string{kFour}.append(more)); };
  CHECK(source_of(with({"\x03\x00\x04\xAA\xBB\xCC\xDD\x01\x00\x00", 10})) == "192.0.2.7:40000");
  for (const std::string_view torn :
       {std::string_view{"\x01", 1}, std::string_view{"\x01\x00\x05hi", 5}, std::string_view{"\x01\xFF\xFF", 3}}) {
    const auto header = read(with(torn));
    REQUIRE_FALSE(header);
    CHECK(header.error() == ProxyHeaderError::Malformed);
  }
}

TEST_CASE("what is no header is refused at its first wrong byte", "[transport][proxy-protocol][attack]") {
  for (const std::string_view text :
       {std::string_view{"PROXY TCP4 192.0.2.7 198.51.100.1 40000 5060\r\n"}, std::string_view{"OPTIONS sip:x"},
        std::string_view{"\x16\x03\x01", 3}, std::string_view{"\r\n\r\n\0\r\nQUIX", 11}}) {
    const auto header = read(text);
    REQUIRE_FALSE(header);
    CHECK(header.error() == ProxyHeaderError::NotOne);
  }
  CHECK(read(proxy_header(0x11, 0x11, kFour)).error() == ProxyHeaderError::NotOne);  // version 1 in binary
  CHECK(read(proxy_header(0x22, 0x11, kFour)).error() == ProxyHeaderError::Malformed);
  CHECK(read(proxy_header(0x21, 0x11, kFour.substr(1))).error() == ProxyHeaderError::Malformed);
  CHECK(read(proxy_header(0x21, 0x21, kFour)).error() == ProxyHeaderError::Malformed);
}

TEST_CASE("a header that announces more than any balancer needs is refused at once",
          "[transport][proxy-protocol][attack]") {
  CHECK(read(proxy_header(0x21, 0x00, std::string(ProxyHeaderReader::kLongest - 16, 'x'))));
  std::string huge = proxy_header(0x21, 0x00, "");
  huge[14] = '\xFF';
  const auto header = read(huge);
  REQUIRE_FALSE(header);
  CHECK(header.error() == ProxyHeaderError::Malformed);
}
