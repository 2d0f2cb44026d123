#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/core/peer.h"
#include "proxy/core/sealed_media.h"
#include "proxy/core/sealer.h"

namespace proxy::core {

/// The `ck` parameter of our Via on every forwarded request: enough to carry the response home without a transaction.
struct ViaCookie {
  enum class Sdp : std::uint8_t { None, Offer, Answer };  // what the request carried through the relay
  Peer inbound;                                           // where the request came from and its response goes
  transport::ListenerId egress;                           // whose address stands in this Via
  std::uint32_t next_owner = 0;  // trunk or user it was sent to; a trunk's answer comes from it
  SealedMedia media;
  bool cseq_room = false;    // the response's CSeq is to be divided again
  bool from_callee = false;  // the request came from the end that was called
  Sdp sdp = Sdp::None;
  std::uint8_t attempt = 0;
  std::uint8_t target = 0;
  std::uint32_t time = 0;  // s since 1970, of the request
  std::uint32_t boot = 0;  // of the process whose transaction waits for the response
  friend bool operator==(const ViaCookie&, const ViaCookie&) = default;
};

/// Base64url. Bound to the Via below ours as we sent it (with `received` and `rport`) and to the Call-ID, so that a
/// response cannot be aimed elsewhere.
std::string seal_via_cookie(const Sealer& sealer, const ViaCookie& cookie, std::string_view next_via,
                            std::string_view call_id);
std::optional<ViaCookie> open_via_cookie(const Sealer& sealer, std::string_view ck, std::string_view next_via,
                                         std::string_view call_id);

}  // namespace proxy::core
