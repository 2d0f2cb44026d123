#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "proxy/transport/flow.h"

namespace proxy::core {

/// What a leg speaks, which decides the media options towards it.
enum class Leg : std::uint8_t { Browser, Trunk, Phone };

/// 32 bits of a name's SHA-256: who a sealed hop belongs to. 0 is nobody.
std::uint32_t owner_of_user(std::string_view user);
std::uint32_t owner_of_trunk(std::string_view trunk);
/// 32 bits of a tag's HMAC, so that a cookie can be bound to it. Without the key nobody finds a second tag for it.
std::uint32_t tag_hash(common::ByteSpan key, std::string_view tag);

/// The way to one end of a dialog in a form that fits into a cookie and outlives this process.
struct Peer {
  enum class By : std::uint8_t {
    Address,    // a datagram or connection to `remote`
    FlowId,     // a registered flow, wherever it is connected now
    Connection  // a connection of the process with this boot id, never another's
  };
  By by = By::Address;
  Leg leg = Leg::Phone;
  transport::Kind kind = transport::Kind::Udp;
  transport::ListenerId listener;      // below 256: one byte
  std::uint32_t owner = 0;             // owner_of_user() or owner_of_trunk()
  common::SocketAddress remote;        // By::Address
  std::string flow_id;                 // By::FlowId, 16 characters of base64url
  transport::ConnectionId connection;  // By::Connection
  std::uint32_t boot = 0;              // By::Connection
  friend bool operator==(const Peer&, const Peer&) = default;
};

/// 12 (IPv4), 18 (flow, connection) or 24 (IPv6) bytes.
void write_peer(common::ByteWriter& writer, const Peer& peer);
/// Also checks every enumerator: a cookie of another version must not become undefined behaviour.
std::optional<Peer> read_peer(common::ByteReader& reader);

}  // namespace proxy::core
