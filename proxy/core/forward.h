#pragma once

#include <optional>
#include <string>

#include "proxy/core/request_context.h"
#include "proxy/core/sealed_media.h"
#include "proxy/core/services.h"
#include "proxy/core/trunk_credentials.h"
#include "proxy/core/via_cookie.h"

namespace proxy::core {

/// What one forwarded copy carries besides the request itself.
struct Onward {
  const Target& target;
  unsigned place = 0;    // of the target among all of this request
  unsigned attempt = 0;  // how often this target has challenged
  unsigned breadth = 1;  // its share, RFC 5393 §5.3.3
  SealedMedia media;
  TrunkCredentials credentials;
};

/// A copy ready to be sent, RFC 3261 §16.6 steps 1 to 8.
struct Forwarded {
  sip::Message message;
  std::string branch;
  std::string cookie;  // in our Record-Route, if the request opens a dialog; else empty
};

/// Methods that open a dialog: they get a Record-Route.
bool forms_dialog(const sip::Message& request);

/// A NOTIFY may be what opens the dialog at its subscriber, so each of them gets a Record-Route, RFC 6665 §4.3.
bool records_route(const sip::Message& request);

/// True if the target sees spread CSeq numbers: it is a trunk that challenges, or was one when the dialog began.
bool makes_cseq_room(const RequestContext& context, const Target& target);

/// nullopt: CSeq leaves no room for a trunk that challenges.
std::optional<Forwarded> forward(const RequestContext& context, const Onward& onward, const Services& services);

/// The cookie of the dialog that this request opens; `callee_tag` 0: there is none yet.
DialogCookie dialog_cookie(const RequestContext& context, const Onward& onward, const Services& services,
                           std::uint32_t callee_tag);

/// Fields that a request of RFC 2543 is told by, or its branch: what the branch onward is made of.
std::string received_branch(const sip::Message& request);

}  // namespace proxy::core
