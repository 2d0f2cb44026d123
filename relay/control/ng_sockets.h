#pragma once

#include <string>

#include "common/base/result.h"
#include "common/net/address.h"
#include "common/net/fd.h"

namespace relay::control {

/// A non-blocking socket bound to `address`; `type` is SOCK_DGRAM, or SOCK_STREAM, which then listens.
/// Error: a text that names address and cause.
[[nodiscard]] common::Result<common::Fd, std::string> open_ng_socket(int type, const common::SocketAddress& address);

/// Where a bound socket really listens.
common::SocketAddress local_address(int fd);

}  // namespace relay::control
