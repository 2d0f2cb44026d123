#pragma once

#include <string>

#include "common/base/result.h"
#include "common/event/sockets.h"
#include "common/net/address.h"
#include "common/net/fd.h"

/// The system calls of the transport layer that make and tune sockets; all of them non-blocking and close-on-exec.
namespace proxy::transport {

/// Errors: errno.
[[nodiscard]] common::Result<common::Fd, int> listen_tcp(const common::SocketAddress& bind);
/// With ICMP errors and the local address of each datagram switched on; datagrams may be fragmented on their way.
[[nodiscard]] common::Result<common::Fd, int> bind_udp(const common::SocketAddress& bind);

using common::event::connect_tcp;
using common::event::local_address;
using common::event::take_socket_error;
using common::event::tune_connection;

}  // namespace proxy::transport
