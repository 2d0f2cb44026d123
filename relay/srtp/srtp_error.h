#pragma once

#include <cstdint>

namespace relay::srtp {

enum class SrtpError : std::uint8_t {
  AuthenticationFailed,  // forged, corrupted, or another key
  Replayed,              // seen before, or older than the replay window
  NoTailroom,            // the buffer cannot take the authentication tag
  KeyExhausted,          // the packets one master key may protect are used up, RFC 3711 §9.2
  Malformed,             // not an RTP or RTCP packet
  TooManySources,        // more SSRCs than SrtpSession::kMaxSources under one key
  BadKey,                // the length does not suit the suite
  Internal,              // the library refused for a reason of its own (memory, cipher)
};

}  // namespace relay::srtp
