#pragma once

#include <array>
#include <cstdint>

#include "proxy/transport/flow.h"

namespace proxy::transport {

constexpr std::size_t kKinds = kKindNames.size();
constexpr std::size_t kCloseReasons = 7;
constexpr std::size_t kSendErrors = 5;

/// Why a connection attempt or a datagram was turned away.
enum class Refusal : std::uint8_t {
  TooManyConnections,
  TooManyFromSource,
  OutOfDescriptors,
  TlsHandshake,
  WebSocketHandshake,
  Origin,
  HandshakeTimeout,
  OversizeDatagram,
  ProxyHeader  // not from a listed load balancer, or without a header in time
};
constexpr std::size_t kRefusals = 9;

/// Plain numbers of one transport layer, indexed by the enums; the loop's thread only.
struct Stats {
  std::array<std::uint64_t, kKinds> received_messages{};
  std::array<std::uint64_t, kKinds> sent_messages{};
  std::array<std::uint64_t, kKinds> received_bytes{};
  std::array<std::uint64_t, kKinds> sent_bytes{};
  std::array<std::uint64_t, kKinds> accepted{};
  std::array<std::uint64_t, kKinds> connected{};  // opened by us
  std::array<std::uint64_t, kKinds> open{};       // now
  std::array<std::uint64_t, kCloseReasons> closed{};
  std::array<std::uint64_t, kSendErrors> send_failed{};
  std::array<std::uint64_t, kRefusals> refused{};
  std::uint64_t keepalives = 0;
  std::uint64_t static_files = 0;
};

}  // namespace proxy::transport
