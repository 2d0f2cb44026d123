#pragma once

#include <cstdint>

#include "common/base/bytes.h"

namespace relay::packet {

/// What a datagram on a media port carries.
enum class DatagramKind : std::uint8_t { Stun, Dtls, Rtp, Rtcp, Unknown };

/// Tells by the first bytes, RFC 7983 §7, and RTP from RTCP by the second byte, RFC 5761 §4 (payload types 64–95 with
/// the marker bit are RTCP packet types 192–223). Looks only; the parser of each kind does the checking. ZRTP and TURN
/// channels are Unknown: the relay speaks neither.
DatagramKind classify(common::ByteSpan datagram) noexcept;

}  // namespace relay::packet
