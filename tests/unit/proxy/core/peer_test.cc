#include "proxy/core/peer.h"

#include <catch2/catch.hpp>

#include "tests/support/sealed_peers.h"

using namespace proxy::core;
using common::as_bytes;
using tests::connection_peer;
using tests::flow_peer;
using tests::trunk_peer;

namespace {

common::Bytes written(const Peer& peer) {
  common::ByteWriter writer;
  write_peer(writer, peer);
  return writer.take();
}

std::optional<Peer> read(const common::Bytes& bytes) {
  common::ByteReader reader{bytes};
  auto peer = read_peer(reader);
  if (peer) CHECK(reader.remaining() == 0);
  return peer;
}

}  // namespace

TEST_CASE("a peer takes as many bytes as it promises and comes back the same", "[cookie]") {
  CHECK(written(trunk_peer("192.0.2.1:5060")).size() == 12);
  CHECK(written(flow_peer()).size() == 18);
  CHECK(written(trunk_peer("[2001:db8::1]:5060")).size() == 24);
  for (const Peer& peer :
       {trunk_peer("192.0.2.1:65535"), trunk_peer("[2001:db8::1]:5060"), flow_peer(), connection_peer(), Peer{}})
    CHECK(read(written(peer)) == peer);
}

TEST_CASE("every leg and transport survives", "[cookie]") {
  using proxy::transport::Kind;
  Peer peer = trunk_peer("192.0.2.1:5060");
  for (const Leg leg : {Leg::Browser, Leg::Trunk, Leg::Phone}) {
    for (const Kind kind : {Kind::Udp, Kind::Tcp, Kind::Tls, Kind::Ws, Kind::Wss}) {
      peer.leg = leg;
      peer.kind = kind;
      CHECK(read(written(peer)) == peer);
    }
  }
}

TEST_CASE("a value that no version of ours has written is refused", "[cookie][attack]") {
  common::Bytes bytes = written(trunk_peer("192.0.2.1:5060"));
  const std::uint8_t head = bytes[0];
  const auto with_head = [&](unsigned bits) {
    bytes[0] = static_cast<std::uint8_t>(head | bits);
    return read(bytes);
  };
  CHECK(with_head(0));
  CHECK_FALSE(with_head(0xc0));  // by
  CHECK_FALSE(with_head(0x18));  // leg
  CHECK_FALSE(with_head(0x07));  // kind
}

TEST_CASE("a peer that was cut off is none", "[cookie][attack]") {
  for (const Peer& peer :
       {trunk_peer("192.0.2.1:5060"), trunk_peer("[2001:db8::1]:5060"), flow_peer(), connection_peer()}) {
    const common::Bytes whole = written(peer);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CHECK_FALSE(read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}));
    }
  }
}

TEST_CASE("owners differ by their name and by what they are, and are never nobody", "[cookie]") {
  CHECK(owner_of_user("alice") == owner_of_user("alice"));
  CHECK(owner_of_user("alice") != owner_of_user("bob"));
  CHECK(owner_of_user("carrier") != owner_of_trunk("carrier"));
  CHECK(owner_of_user("") != 0);
}

TEST_CASE("a tag's hash needs the key", "[cookie][attack]") {
  CHECK(tag_hash(as_bytes("key"), "tag") == tag_hash(as_bytes("key"), "tag"));
  CHECK(tag_hash(as_bytes("key"), "tag") != tag_hash(as_bytes("key"), "gat"));
  CHECK(tag_hash(as_bytes("key"), "tag") != tag_hash(as_bytes("other"), "tag"));
}
