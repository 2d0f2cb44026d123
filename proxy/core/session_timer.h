#pragma once

#include <cstdint>
#include <optional>

#include "proxy/sip/message.h"

/// The part of a proxy in RFC 4028: it asks for a shorter session than the caller would, and asks again in each
/// refresh. Nothing is remembered between request and response: both are computed from the request as received.
namespace proxy::core {

inline constexpr std::uint32_t kShortestSession = 90;  // seconds, RFC 4028 §4

/// True for what begins or refreshes a session: INVITE and UPDATE.
bool concerns_session(const sip::Message& request);

/// The interval in seconds that goes on to the callee, where we ask for `longest` (0: we do not ask); 0: none does.
/// Never below what the caller's Min-SE allows.
std::uint32_t session_interval(const sip::Message& request, std::uint32_t longest);

/// True if the caller wants a session that is too short and can be told so with 422, RFC 4028 §8.1.
bool is_too_brief(const sip::Message& request);

/// Writes the interval into `copy` of the request, RFC 4028 §8.1; who refreshes stays as it was written.
void ask_for_session(sip::Message& copy, std::uint32_t longest);

/// In a 2xx of a callee that knows no session timers the caller, if it does, is made the one who refreshes, RFC 4028
/// §8.2. `request`: as received.
void promise_session(sip::Message& response, const sip::Message& request, std::uint32_t longest);

}  // namespace proxy::core
