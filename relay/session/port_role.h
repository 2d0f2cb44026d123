#pragma once

#include <cstddef>
#include <cstdint>

#include "relay/ice/candidate.h"

namespace relay::session {

/// RTP and RTCP may have a port each.
enum class PortRole : std::uint8_t { Rtp, Rtcp };

constexpr std::size_t index_of(PortRole role) noexcept { return static_cast<std::size_t>(role); }
constexpr ice::Component component_of(PortRole role) noexcept {
  return role == PortRole::Rtp ? ice::Component::Rtp : ice::Component::Rtcp;
}
constexpr PortRole role_of(ice::Component component) noexcept {
  return component == ice::Component::Rtp ? PortRole::Rtp : PortRole::Rtcp;
}

}  // namespace relay::session
