#pragma once

#include <string>

#include "common/base/result.h"
#include "common/event/sockets.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "common/time/instant.h"

/// The system calls of the transport layer that make and tune sockets; all of them non-blocking and close-on-exec.
namespace proxy::transport {

/// Errors: errno.
[[nodiscard]] common::Result<common::Fd, int> listen_tcp(const common::SocketAddress& bind);
/// With ICMP errors and the local address of each datagram switched on; datagrams may be fragmented on their way.
[[nodiscard]] common::Result<common::Fd, int> bind_udp(const common::SocketAddress& bind);
/// Begins to connect; the socket becomes writable when it is decided. `source` may be unspecified; its port is ignored.
[[nodiscard]] common::Result<common::Fd, int> connect_tcp(const common::SocketAddress& remote,
                                                          const common::IpAddress& source);

/// No delay, keep-alive probes, and an end to unacknowledged bytes after `user_timeout` (RFC 5482).
void tune_connection(int fd, common::Duration user_timeout);

using common::event::local_address;
/// Pending error of a socket, 0: none.
int take_socket_error(int fd);

}  // namespace proxy::transport
