#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/core/services.h"
#include "proxy/core/target.h"
#include "proxy/core/teardown_blob.h"

namespace proxy::core {

/// A request that this proxy sends inside somebody's dialog, on behalf of the other end, RFC 3261 §12.2.1.1.
struct OwnRequest {
  std::string method;
  std::string call_id;
  std::string from;  // name-addr with tag of the end we speak for
  TeardownEnd to;    // where it goes; `last_cseq` is the number it gets
};

/// With our Via on top; `hop` only says which listener speaks.
sip::Message make_own_request(const OwnRequest& own, const transaction::Hop& hop, Services& services);

/// The callee's end of a dialog that its 2xx has opened, as requests of ours reach it. `cookie`: ours in Record-Route.
TeardownEnd callee_end(const sip::Message& response, const Peer& callee, std::string_view cookie);

/// The caller's end, out of its INVITE and what stands below ours in the Record-Route of the response.
TeardownEnd caller_end(const sip::Message& invite, const Peer& caller);

}  // namespace proxy::core
