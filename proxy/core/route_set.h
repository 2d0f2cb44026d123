#pragma once

#include <optional>
#include <string>

#include "proxy/core/dialog_cookie.h"
#include "proxy/core/hop.h"
#include "proxy/core/listeners.h"
#include "proxy/core/services.h"
#include "proxy/sip/message.h"

namespace proxy::core {

/// Takes our own value off the front of Route and gives its userinfo (empty: none was there), RFC 3261 §16.4. A request
/// of a strict router, which carries our value as its Request-URI, is put right first.
std::string take_own_route(sip::Message& request, const Listeners& listeners);

/// Who of a dialog with this cookie sends, and to whom it goes.
inline const Peer& sender_of(const OpenedDialogCookie& dialog) noexcept {
  return dialog.direction == Direction::FromCaller ? dialog.cookie.caller : dialog.cookie.callee;
}
inline const Peer& receiver_of(const OpenedDialogCookie& dialog) noexcept {
  return dialog.direction == Direction::FromCaller ? dialog.cookie.callee : dialog.cookie.caller;
}

/// True if the receiver sees spread CSeq numbers in this dialog.
inline bool spreads_cseq(const OpenedDialogCookie& dialog) noexcept {
  return dialog.direction == Direction::FromCaller ? dialog.cookie.room_to_callee : dialog.cookie.room_to_caller;
}

/// Where a request inside a dialog goes next, once its own Route values are off: the hop named by Route or Request-URI
/// if it is an address of the same trunk, else the way that the cookie remembers. A cheap call's cookie must not route
/// to anybody else. nullopt: leave it to the cookie.
std::optional<transaction::Hop> named_hop(const sip::Message& request, const Peer& receiver,
                                          const trunk::TrunkTable& trunks);

/// Our Record-Route value; `sips` for a dialog of SIPS URIs (RFC 3261 §16.6 step 4), where the listener is encrypted.
std::string record_route(const Listener& listener, std::string_view cookie, bool sips);

/// Puts `value` in place of the Record-Route whose userinfo is `cookie`; false: the other side lost it.
bool replace_record_route(sip::Message& response, std::string_view cookie, std::string_view value);

/// Values above ours (put there by those behind us) and below it, in their order.
struct RecordRoutes {
  std::vector<std::string> above;
  std::vector<std::string> below;
};
RecordRoutes split_record_routes(const sip::Message& response, std::string_view cookie);

}  // namespace proxy::core
