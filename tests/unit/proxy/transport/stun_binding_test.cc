#include "proxy/transport/stun_binding.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace proxy::transport;

namespace {

constexpr std::string_view kTransaction = "b7e7a701bc34d686fa87dfae";

std::string bytes_of(const std::string& hex) {
  const auto bytes = common::hex_decode(hex);
  REQUIRE(bytes);
  return std::string{common::as_text(*bytes)};
}

std::string request(const std::string& attributes = {}, const std::string& type = "0001") {
  const std::string length = common::hex_encode(common::Bytes{0, static_cast<std::uint8_t>(attributes.size() / 2)});
  return bytes_of(type + length + "2112a442" + std::string{kTransaction} + attributes);
}

std::string answer(const std::string& datagram, const char* source = "192.0.2.1:32853") {
  const auto answer = answer_binding(datagram, *common::SocketAddress::parse(source));
  return answer ? common::hex_encode(common::as_bytes(*answer)) : "none";
}

}  // namespace

// The addresses and values of XOR-MAPPED-ADDRESS are those of RFC 5769 §2.2 and §2.3.
TEST_CASE("a Binding request is answered with the address it came from", "[transport][stun][rfc5626]") {
  const std::string head = "0101000c2112a442" + std::string{kTransaction};
  CHECK(answer(request()) == head + "00200008" + "0001a147e112a643");
  CHECK(answer(request(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853") ==
        "010100182112a442" + std::string{kTransaction} + "00200014" + "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9");
}

TEST_CASE("what a client may add does not matter, what it demands is named in 420", "[transport][stun][rfc8489]") {
  CHECK(answer(request("802200044142430080280004deadbeef")).starts_with("0101"));
  const std::string refusal =
      answer(request("002400046e0001ff"
                     "0006000341424300"));
  CHECK(refusal.starts_with("0111"));
  CHECK(refusal.find("0009001800000414") != std::string::npos);
  CHECK(refusal.ends_with("000a000400240006"));
}

TEST_CASE("nothing but a Binding request is answered", "[transport][stun][attack]") {
  CHECK(answer(request({}, "0011")) == "none");  // an indication
  CHECK(answer(request({}, "0101")) == "none");  // a response: two proxies would talk for ever
  CHECK(answer(request({}, "0003")) == "none");  // Allocate
  CHECK(answer(request() + "x") == "none");
  CHECK(answer(request("0024ffff")) == "none");
  CHECK(answer(request("0024")) == "none");
  CHECK(answer(bytes_of("00010000000000000000000000000000000000000000")) == "none");
}

TEST_CASE("a SIP message never looks like STUN", "[transport][stun]") {
  CHECK(is_stun(request()));
  for (const std::string_view text : {"OPTIONS sip:example.org SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n\r\n\r\n",
                                      "!method sip:x SIP/2.0\r\n\r\n", "\r\n\r\n", ""}) {
    CHECK_FALSE(is_stun(text));
  }
}
