#include "proxy/transport/ws_codec.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/ws_frames.h"

using proxy::transport::WsCodec;
using test::ws_frame;

namespace {

struct Peer {
  explicit Peer(std::size_t max_message = 1000)
      : codec(max_message, [this](std::string_view text) { messages.emplace_back(text); }) {}
  std::vector<std::string> messages;
  WsCodec codec;
};

constexpr bool kFinal = true;
constexpr bool kMore = false;

std::string close_frame(char high, char low) { return std::string{'\x88', '\x02', high, low}; }

}  // namespace

TEST_CASE("the masked text frame of RFC 6455 section 5.7 is read", "[transport][rfc6455]") {
  Peer peer;
  peer.codec.push(std::string_view{"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11});
  CHECK(peer.messages == std::vector<std::string>{"Hello"});
}

TEST_CASE("text leaves in one unmasked frame", "[transport][rfc6455]") {
  Peer peer;
  peer.codec.send_text("Hello");
  CHECK(peer.codec.take_output() == "\x81\x05Hello");
}

TEST_CASE("fragments are joined, with a ping between them answered", "[transport][rfc6455]") {
  const std::string stream = ws_frame(0x1, "Hel", kMore) + ws_frame(0x9, "beat") + ws_frame(0x0, "lo", kFinal);
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    Peer peer;
    for (std::size_t at = 0; at < stream.size(); at += step) peer.codec.push(stream.substr(at, step));
    CHECK(peer.messages == std::vector<std::string>{"Hello"});
    CHECK(peer.codec.take_output() == std::string{"\x8a\x04"} + "beat");
    CHECK_FALSE(peer.codec.finished());
  }
}

TEST_CASE("text and binary frames both carry messages", "[transport][rfc7118]") {
  Peer peer;
  peer.codec.push(ws_frame(0x1, "text") + ws_frame(0x2, "binary"));
  CHECK(peer.messages == std::vector<std::string>{"text", "binary"});
}

TEST_CASE("a message has begun between its first and its last fragment", "[transport]") {
  Peer peer;
  peer.codec.push(ws_frame(0x1, "Hel", kMore));
  CHECK(peer.codec.in_message());
  peer.codec.push(ws_frame(0x0, "lo", kFinal));
  CHECK_FALSE(peer.codec.in_message());
}

TEST_CASE("a close is answered with the same code and ends the reading", "[transport][rfc6455]") {
  Peer peer;
  peer.codec.push(ws_frame(0x8, std::string{"\x03\xe8", 2}) + ws_frame(0x1, "late"));
  CHECK(peer.codec.finished());
  CHECK_FALSE(peer.codec.failed());
  CHECK(peer.messages.empty());
  CHECK(peer.codec.take_output() == close_frame('\x03', '\xe8'));
}

TEST_CASE("what breaks the protocol is answered with its close code", "[transport][rfc6455]") {
  const auto code_after = [](const std::string& bytes) {
    Peer peer{10};
    peer.codec.push(bytes);
    CHECK(peer.codec.finished());
    CHECK(peer.codec.failed());
    CHECK(peer.messages.empty());
    return peer.codec.take_output();
  };
  CHECK(code_after(std::string{"\x81\x05Hello"}) == close_frame('\x03', '\xea'));         // not masked: 1002
  CHECK(code_after(ws_frame(0x3, "x")) == close_frame('\x03', '\xea'));                   // unknown opcode
  CHECK(code_after(ws_frame(0x0, "x")) == close_frame('\x03', '\xea'));                   // nothing to continue
  CHECK(code_after(ws_frame(0x1, std::string(11, 'x'))) == close_frame('\x03', '\xf1'));  // too big: 1009
  CHECK(code_after(ws_frame(0x1, "123456", kMore) + ws_frame(0x0, "78901")) == close_frame('\x03', '\xf1'));
  CHECK(code_after(ws_frame(0x1, "\xff\xfe")) == close_frame('\x03', '\xef'));  // not UTF-8: 1007
  CHECK(code_after(ws_frame(0x9, std::string(126, 'x'))).starts_with('\x88'));  // long control frame
}

TEST_CASE("a message in thousands of tiny fragments is refused", "[transport]") {
  Peer peer{1 << 20};
  std::string stream = ws_frame(0x1, "x", kMore);
  for (int i = 0; i < 2000; ++i) stream += ws_frame(0x0, "x", kMore);
  peer.codec.push(stream);
  CHECK(peer.codec.failed());
  CHECK(peer.codec.take_output() == close_frame('\x03', '\xf0'));
}
