#pragma once

#include "common/net/address.h"
#include "proxy/sip/message.h"

namespace proxy::sip {

/// Writes into the topmost Via where the request came from: `received` (RFC 3261 §18.2.1) and, where the client asked
/// for it, `rport` (RFC 3581 §4). Does nothing without a usable Via.
void stamp_source(Message& request, const common::SocketAddress& source);

/// Where the response to a datagram goes, RFC 3261 §18.2.2 and RFC 3581 §4: to the source address; to the source port
/// if the client asked with `rport` or names a private address that is not its source (a phone behind NAT could not be
/// reached otherwise), else to the port of the Via. `maddr` is ignored: it would aim responses at others.
common::SocketAddress response_address(const Message& request, const common::SocketAddress& source);

/// Where a caller whose connection is gone takes a new one, RFC 3261 §18.2.2: its source at the port of the Via.
common::SocketAddress callback_address(const Message& request, const common::SocketAddress& source);

}  // namespace proxy::sip
