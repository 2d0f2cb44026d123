#pragma once

#include <string>

#include "proxy/core/request_context.h"
#include "proxy/core/services.h"

/// Callers as trunks get to see them (trunk::CallerPolicy), RFC 3323 and RFC 3325. Both ends tell the dialog by its
/// tags alone; the URI that each of them knows the caller by is sealed in the cookie of the other direction.
namespace proxy::core {

/// True for From of somebody who hides (RFC 3323 §4.1.1.3).
bool is_anonymous(const sip::Uri& uri) noexcept;

/// Puts the caller into `message`, a copy of the request on its way to `target`: From, or To if the callee sends, and
/// what asserts who it is.
void show_caller(sip::Message& message, const RequestContext& context, const Target& target, const Services& services);

/// DialogCookie::caller_uri of the dialog that the request opens; `for_caller`: in the caller's cookie.
std::string sealed_caller_uri(const RequestContext& context, const Target& target, const Services& services,
                              bool for_caller);

/// A response to the request, as it came from the other side, gets the caller back whom the request named.
void restore_caller(sip::Message& response, const RequestContext& context);

}  // namespace proxy::core
