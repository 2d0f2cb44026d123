#include "proxy/transport/message_stream.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/transport_scene.h"
#include "tests/support/ws_frames.h"

using proxy::transport::MessageStream;
using test::sip_message;
using test::ws_frame;
using Verdict = MessageStream::Verdict;

namespace {

constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kClose = 0x8;
constexpr std::string_view kClosedNormally{"\x03\xe8", 2};

/// One end of a stream, with everything it reads written down.
struct Peer {
  enum class Wire : std::uint8_t { Tcp, WebSocket };
  explicit Peer(Wire wire) {
    MessageStream::Reader reader{[this](std::string_view message) {
                                   messages.emplace_back(message);
                                   return messages.size() < wanted;
                                 },
                                 [this] { ++keepalives; }};
    stream = wire == Wire::Tcp ? MessageStream::by_length({1000, 2000}, std::move(reader))
                               : MessageStream::in_websocket(2000, std::move(reader));
  }

  std::vector<std::string> messages;
  std::size_t wanted = 100;
  int keepalives = 0;
  std::unique_ptr<MessageStream> stream;
};

std::vector<std::string> both() { return {sip_message("one"), sip_message("two")}; }

}  // namespace

TEST_CASE("messages on TCP end where their Content-Length says and are written as they are", "[transport][tcp]") {
  Peer peer{Peer::Wire::Tcp};
  CHECK(peer.stream->push(sip_message("one") + sip_message("two") + "MESSAGE") == Verdict::GoesOn);
  CHECK(peer.messages == both());
  CHECK(peer.stream->in_message());
  CHECK(peer.stream->take_output().empty());
  CHECK(peer.stream->wrap("message") == "message");
  CHECK(peer.stream->ping().empty());
  CHECK(peer.stream->goodbye().empty());
}

TEST_CASE("each double line end on TCP is answered with one", "[transport][tcp][rfc5626]") {
  Peer peer{Peer::Wire::Tcp};
  CHECK(peer.stream->push("\r\n\r\n\r\n\r\n") == Verdict::GoesOn);
  CHECK(peer.keepalives == 2);
  CHECK(peer.stream->take_output() == "\r\n\r\n");
  CHECK(peer.stream->take_output().empty());
}

TEST_CASE("what is no SIP on TCP has no answer", "[transport][tcp]") {
  Peer peer{Peer::Wire::Tcp};
  CHECK(peer.stream->push(sip_message("one") + "\x16\x03\x01") == Verdict::Lost);
  CHECK(peer.messages.size() == 1);
  CHECK(peer.stream->take_output().empty());
}

TEST_CASE("a WebSocket message is a SIP message, in both directions", "[transport][ws][rfc7118]") {
  Peer peer{Peer::Wire::WebSocket};
  const std::string part = ws_frame(kText, "MESSAGE", false);
  CHECK(peer.stream->push(ws_frame(kText, sip_message("one")) + ws_frame(0x2, sip_message("two")) + part) ==
        Verdict::GoesOn);
  CHECK(peer.messages == both());
  CHECK(peer.stream->in_message());
  CHECK(peer.stream->wrap("Hello") == "\x81\x05Hello");
}

TEST_CASE("line ends in a WebSocket are no message, and only two are a question", "[transport][ws]") {
  Peer peer{Peer::Wire::WebSocket};
  CHECK(peer.stream->push(ws_frame(kText, "\r\n")) == Verdict::GoesOn);
  CHECK(peer.stream->take_output().empty());
  CHECK(peer.stream->push(ws_frame(kText, "\r\n\r\n")) == Verdict::GoesOn);
  CHECK(peer.stream->take_output() == "\x81\x02\r\n");
  CHECK(peer.keepalives == 2);
  CHECK(peer.messages.empty());
}

TEST_CASE("a WebSocket is asked by a ping and left with the code for going away", "[transport][ws][rfc6455]") {
  Peer peer{Peer::Wire::WebSocket};
  CHECK(peer.stream->ping() == std::string{"\x89\x00", 2});
  CHECK(peer.stream->goodbye() == "\x88\x02\x03\xe9");
  CHECK(peer.stream->wrap("late").empty());
}

TEST_CASE("a WebSocket's peer that closes is answered, one that breaks the rules is told", "[transport][ws][rfc6455]") {
  Peer polite{Peer::Wire::WebSocket};
  CHECK(polite.stream->push(ws_frame(kClose, kClosedNormally)) == Verdict::Goodbye);
  CHECK(polite.stream->take_output() == "\x88\x02\x03\xe8");
  CHECK(polite.stream->goodbye().empty());
  Peer rude{Peer::Wire::WebSocket};
  CHECK(rude.stream->push("\x81\x05Hello") == Verdict::Rejected);
  CHECK(rude.stream->take_output() == "\x88\x02\x03\xea");
}

TEST_CASE("after a message that its reader wants to be the last none is handed out", "[transport]") {
  Peer tcp{Peer::Wire::Tcp};
  tcp.wanted = 1;
  tcp.stream->push(sip_message("one") + sip_message("two"));
  CHECK(tcp.messages.size() == 1);
  Peer websocket{Peer::Wire::WebSocket};
  websocket.wanted = 1;
  websocket.stream->push(ws_frame(kText, sip_message("one")) + ws_frame(kText, sip_message("two")) +
                         ws_frame(kText, "\r\n\r\n"));
  CHECK(websocket.messages.size() == 1);
  CHECK(websocket.keepalives == 0);
}

TEST_CASE("whose message has no end that anybody could know is told so before the connection closes",
          "[transport][tcp][rfc4475]") {
  const std::string start = "OPTIONS sip:example SIP/2.0\r\nCall-ID: 1\r\n";
  for (const std::string& field : {std::string{}, std::string{"l: -999\r\n"}, std::string{"l: 1\r\nl: 2\r\n"}}) {
    Peer peer{Peer::Wire::Tcp};
    CHECK(peer.stream->push(start + field + "\r\nand what may be its body") == Verdict::Rejected);
    REQUIRE(peer.messages.size() == 1);
    CHECK(peer.messages[0] == start + field + "Content-Length: unknown\r\n\r\n");
  }
}
