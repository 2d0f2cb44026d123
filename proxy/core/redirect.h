#pragma once

#include <functional>
#include <vector>

#include "proxy/core/request_context.h"
#include "proxy/core/services.h"

/// 3xx that the proxy follows itself, RFC 3261 §16.5 and §16.7 step 4.
namespace proxy::core {

inline constexpr unsigned kMaxRedirects = 5;    // one after another
inline constexpr std::size_t kMaxContacts = 5;  // of one response

/// Contacts of a 3xx in the order to try: by q, RFC 3261 §8.1.3.4.
std::vector<sip::Uri> contacts_of(const sip::Message& response);

/// Where the request may go by these contacts: to users and numbers as if they had been called here, and to hosts of
/// configured trunks. Contacts anywhere else are passed over: a callee must not send calls of ours to whom he likes.
/// `done` is called once, maybe before the call returns; one group after another.
using RedirectDone = std::function<void(std::vector<std::vector<Target>>)>;
void find_redirected(const ContextPtr& context, std::vector<sip::Uri> contacts, Services& services, RedirectDone done);

}  // namespace proxy::core
