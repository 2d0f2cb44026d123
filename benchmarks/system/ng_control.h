#pragma once

#include <string>

#include "common/net/address.h"
#include "common/net/fd.h"
#include "control-protocol/message/reply.h"
#include "control-protocol/message/request.h"

namespace benchmarks {

/// Blocking ng client for set-up outside the measured time. Throws std::runtime_error when the relay refuses or is
/// silent.
class NgControl {
 public:
  explicit NgControl(common::SocketAddress relay);
  /// The reply's `sdp` (empty for delete).
  std::string ask(const ng::Request& request);

 private:
  common::Fd socket_;
  unsigned last_cookie_ = 0;
};

}  // namespace benchmarks
