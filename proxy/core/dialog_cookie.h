#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/core/peer.h"
#include "proxy/core/sealed_media.h"
#include "proxy/core/sealer.h"

namespace proxy::core {

/// Everything the proxy has to know of an established dialog, sealed into the userinfo of its own Record-Route URI.
/// The callee's side holds one without, the caller's side one with `callee_tag` (the response brought it).
struct DialogCookie {
  std::uint32_t time = 0;  // s since 1970: of the INVITE, or of the response in the caller's cookie
  std::uint8_t tenant = 0;
  SealedMedia media;
  bool room_to_callee = false;  // it is a trunk that challenges: CSeq numbers are spread towards it
  bool room_to_caller = false;
  bool late_offer = false;   // the INVITE had no SDP: the callee offers
  std::uint8_t attempt = 0;  // 0 to 3, with room_to_callee: how often the answered INVITE was challenged
  Peer caller;
  Peer callee;
  std::uint32_t callee_tag = 0;  // tag_hash(); 0: sealed before there was one
  /// Where the callee knows the caller by another URI than the caller's own: in the callee's cookie the caller's own,
  /// in the caller's the one the callee knows. Up to 120 characters; empty: both know the same.
  std::string caller_uri;
  friend bool operator==(const DialogCookie&, const DialogCookie&) = default;
};

/// Who of the dialog sent the request that carried the cookie.
enum class Direction : std::uint8_t { FromCaller, FromCallee };

struct OpenedDialogCookie {
  DialogCookie cookie;
  Direction direction;
};

/// Base64url, about 80 characters with IPv4 and flows, 100 with IPv6, without a `caller_uri`. Bound to the Call-ID and
/// the caller's tag.
std::string seal_dialog_cookie(const Sealer& sealer, const DialogCookie& cookie, std::string_view call_id,
                               std::string_view caller_tag);

/// Opens with the From tag, then with the To tag, which tells the direction.
std::optional<OpenedDialogCookie> open_dialog_cookie(const Sealer& sealer, std::string_view userinfo,
                                                     std::string_view call_id, std::string_view from_tag,
                                                     std::string_view to_tag);

}  // namespace proxy::core
