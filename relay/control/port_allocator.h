#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/instant.h"
#include "relay/negotiation/side.h"

namespace relay::control {

/// `--interface=[NAME/]BIND[!ADVERTISED]`: where media sockets listen and what SDP says instead.
struct Interface {
  std::string name;
  common::IpAddress bind;
  common::IpAddress advertised;

  static std::optional<Interface> parse(std::string_view text);
  friend bool operator==(const Interface&, const Interface&) = default;
};

/// Hands out pairs of bound sockets, RTP on the even port. Each shard has its slice of the range, so that a port says
/// by arithmetic which shard owns it. A pair that comes back rests before it is given out again: packets of its old
/// call are still on their way. Belongs to the control thread.
class PortAllocator {
 public:
  struct Settings {
    std::vector<Interface> interfaces;
    common::Port first{30000};
    common::Port last{39999};
    std::size_t shards = 1;
    common::Duration rest = std::chrono::seconds{3};
  };

  /// `clock` gives the time of the control loop's cycle.
  PortAllocator(Settings settings, std::function<common::Instant()> clock);

  /// `interface`: a name, or "" for the first of the family.
  [[nodiscard]] common::Result<std::shared_ptr<negotiation::PortPair>, negotiation::PortError> allocate(
      std::size_t shard, std::string_view interface, std::optional<common::IpAddress::Family> family);

  bool has_interface(std::string_view name) const noexcept;

  std::size_t pairs_in_use() const noexcept { return state_->in_use; }

 private:
  struct Resting {
    std::uint16_t port;
    common::Instant until;
  };
  /// Shared with the pairs that are out, which may outlive the allocator.
  struct State {
    std::vector<std::deque<Resting>> free;  // by interface and shard, longest rested first
    std::size_t in_use = 0;
    common::Duration rest;
    std::function<common::Instant()> clock;
  };

  std::optional<std::size_t> choose(std::string_view interface, std::optional<common::IpAddress::Family> family) const;

  Settings settings_;
  std::shared_ptr<State> state_;
};

}  // namespace relay::control
