#pragma once

#include <string_view>

#include "proxy/sip/message.h"

namespace proxy::sip {

/// The ACK for a response of 300–699 to `invite`, RFC 3261 §17.1.1.3: same Via, Route and Request-URI, the To of the
/// response.
Message make_ack_for_failure(const Message& invite, const Message& response);

/// The CANCEL of `invite` as we sent it, RFC 3261 §9.1. `reason`: value of a Reason field (RFC 3326), or empty.
Message make_cancel(const Message& invite, std::string_view reason = {});

}  // namespace proxy::sip
