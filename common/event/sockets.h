#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "common/time/instant.h"

namespace common::event {

/// A non-blocking socket bound to `address`; `type` is SOCK_DGRAM, or SOCK_STREAM, which then listens.
/// Error: a text that names address and cause.
[[nodiscard]] Result<Fd, std::string> bind_socket(int type, const SocketAddress& address);

/// A non-blocking UDP socket that speaks with `remote` alone and is told of its ICMP errors. Error: errno.
[[nodiscard]] Result<Fd, int> connect_udp(const SocketAddress& remote);

/// Begins to connect a non-blocking socket, which becomes writable when it is decided. `source` may be unspecified; its
/// port is ignored. Error: errno.
[[nodiscard]] Result<Fd, int> connect_tcp(const SocketAddress& remote, const IpAddress& source);

/// No delay, keep-alive probes, and an end to unacknowledged bytes after `user_timeout` (RFC 5482).
void tune_connection(int fd, Duration user_timeout);

/// Pending error of a socket, 0: none.
int take_socket_error(int fd);

/// Where a bound socket really listens.
SocketAddress local_address(int fd);

/// The next datagram and its source; nullopt: none is waiting. The view borrows `buffer`.
struct Datagram {
  SocketAddress source;
  std::string_view bytes;
};
std::optional<Datagram> receive_from(int fd, std::span<char> buffer);

/// False: it was not sent, as a full buffer or a missing route may have it.
bool send_to(int fd, std::string_view bytes, const SocketAddress& to);

}  // namespace common::event
