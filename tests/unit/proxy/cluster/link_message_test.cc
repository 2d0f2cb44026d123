#include "proxy/cluster/link_message.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace proxy::cluster;
using proxy::transport::Destination;
using proxy::transport::Flow;
using proxy::transport::Kind;

namespace {

common::SocketAddress address(std::string_view text) { return *common::SocketAddress::parse(text); }

const Flow kFlow{Kind::Wss, {3}, {0x0102030405060708}, address("192.0.2.1:443"), address("[2001:db8::1]:50000"), {7}};

std::vector<LinkMessage> samples() {
  return {Hello{1, {0xDEADBEEF}, "a"},
          Beat{},
          Beat{{{0}, {2}, {65535}}},
          SendOnFlow{kFlow, 42, std::string{"INVITE\0\r\n", 9}},
          SendTo{Destination{Kind::Tls, address("192.0.2.9:5061"), {1}, "trunk.example"}, 43, "BYE"},
          NotSent{44, proxy::transport::SendError::TlsIdentity},
          HandOver{kFlow, "SIP/2.0 200 OK"}};
}

std::vector<LinkMessage> read_all(LinkReader& reader) {
  std::vector<LinkMessage> messages;
  while (true) {
    auto message = reader.next();
    REQUIRE(message);
    if (!*message) return messages;
    messages.push_back(std::move(**message));
  }
}

std::string frame(std::string_view body) {
  const auto size = static_cast<std::uint32_t>(body.size());
  std::string out{static_cast<char>(size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                  static_cast<char>(size)};
  return out + std::string{body};
}

}  // namespace

TEST_CASE("every message comes out as it went in, in any pieces", "[cluster]") {
  std::string stream;
  for (const LinkMessage& message : samples()) stream += to_wire(message);
  LinkReader whole;
  whole.feed(stream);
  CHECK(read_all(whole) == samples());

  LinkReader slow;
  std::vector<LinkMessage> messages;
  for (const char byte : stream) {
    slow.feed({&byte, 1});
    for (LinkMessage& message : read_all(slow)) messages.push_back(std::move(message));
  }
  CHECK(messages == samples());
}

TEST_CASE("kinds of a later release are passed over", "[cluster]") {
  LinkReader reader;
  reader.feed(frame(std::string{"\x7F whatever"}) + to_wire(Beat{}));
  CHECK(read_all(reader) == std::vector<LinkMessage>{Beat{}});
}

TEST_CASE("a length beyond reason ends the stream before anything is kept for it", "[cluster]") {
  LinkReader reader;
  reader.feed(std::string{"\x7F\xFF\xFF\xFF", 4});
  CHECK(reader.next().error() == LinkError::TooLong);
}

TEST_CASE("a message that breaks off inside of its frame is refused", "[cluster]") {
  for (const LinkMessage& message : samples()) {
    const std::string wire = to_wire(message);
    for (std::size_t size = 2; size < wire.size() - 4; ++size) {
      if (std::holds_alternative<Beat>(message) && size == wire.size()) continue;
      LinkReader reader;
      reader.feed(frame(std::string_view{wire}.substr(4, size - 1)));
      const auto read = reader.next();
      CAPTURE(message.index(), size);
      CHECK_FALSE(read.has_value());
    }
  }
}

TEST_CASE("numbers that name nothing are refused", "[cluster]") {
  LinkReader empty;
  empty.feed(frame(""));
  CHECK(empty.next().error() == LinkError::Malformed);

  std::string kind = to_wire(HandOver{kFlow, "x"});
  kind[5] = 9;
  LinkReader bad_transport;
  bad_transport.feed(kind);
  CHECK(bad_transport.next().error() == LinkError::Malformed);

  std::string error = to_wire(NotSent{1, proxy::transport::SendError::ConnectionGone});
  error.back() = 77;
  LinkReader bad_error;
  bad_error.feed(error);
  CHECK(bad_error.next().error() == LinkError::Malformed);
}
