#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "control-protocol/client/client.h"

/// Media of calls: what the relay is asked for, and what its answers mean for SIP.
namespace proxy::media {

/// A relay by its place in the configuration.
using RelayIndex = std::uint8_t;

/// The media relays as the core sees them. Implemented by the pool's shell, and by a recorder in tests.
class RelayControl {
 public:
  using Done = std::function<void(common::Result<ng::Reply, ng::ClientError>)>;

  virtual ~RelayControl() = default;

  /// Relays for a new call, best first: the healthy ones by rendezvous hash of the Call-ID (both nodes of a pair agree
  /// without talking), then the others in the same order. Never empty.
  virtual std::vector<RelayIndex> order_for(std::string_view call_id) const = 0;

  /// Sixteen bits of the relay's boot id as it was told last; 0: not known. A stock rtpengine has none.
  virtual std::uint16_t boot(RelayIndex relay) const = 0;

  /// Sends one request and tells its end exactly once, never before this call returns. An index beyond the pool is
  /// Unreachable.
  virtual void ask(RelayIndex relay, const ng::Request& request, Done done) = 0;
};

}  // namespace proxy::media
