#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "proxy/media/relay_control.h"
#include "proxy/routing/router.h"

namespace proxy::core {

/// What a cookie says of the media of its call.
struct SealedMedia {
  bool relayed = false;             // false: signalling only
  bool require_encryption = false;  // also when the route is gone
  routing::RouteId route = 0;
  media::RelayIndex relay = 0;   // place in the configuration
  std::uint16_t relay_boot = 0;  // a relay that restarted knows nothing of this call
  friend bool operator==(const SealedMedia&, const SealedMedia&) = default;
};

/// 6 bytes.
void write_media(common::ByteWriter& writer, const SealedMedia& media);
/// nullopt: of another version. What was cut off reads as zeros; the reader tells.
std::optional<SealedMedia> read_media(common::ByteReader& reader);

/// The policy that a call was begun with: its interfaces as its route names them now, the rest as it was sealed.
routing::MediaPolicy policy_of(const SealedMedia& media, const routing::Router& router);

/// False: the relay has restarted since, and what it had of the call is gone. A relay without boot ids is believed.
bool relay_remembers(const SealedMedia& media, const media::RelayControl& relays);

}  // namespace proxy::core
