#pragma once

#include <cstring>
#include <set>

#include "tests/support/relay_scene.h"

/// The parties that every scenario of the relay is made of, and what operators configure for them.
namespace tests {

inline const common::SocketAddress kBrowserAddress = *common::SocketAddress::parse("198.51.100.4:51000");
inline const common::SocketAddress kTrunkAddress = *common::SocketAddress::parse("203.0.113.5:7000");

inline constexpr const char* kTowardsPlain =
    "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP";
inline constexpr const char* kTowardsSdes =
    "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off ICE=remove RTP/SAVP";
inline constexpr const char* kTowardsOpportunistic =
    "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off ICE=remove RTP/AVP OSRTP-offer "
    "OSRTP-accept";
inline constexpr const char* kTowardsBrowser =
    "trust-address replace-origin replace-session-connection rtcp-mux-offer generate-mid DTLS=passive SDES-off "
    "ICE=force UDP/TLS/RTP/SAVPF";

inline constexpr const char* kOpusOnly = "111 110";
inline constexpr const char* kOpusOnlyCodecs =
    "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:110 telephone-event/48000\r\n";

inline Party::Traits browser() {
  return {.tag = "browser", .rtp = kBrowserAddress, .dtls = true, .ice = true, .rtcp_mux = true};
}
inline Party::Traits opus_browser() {
  Party::Traits traits = browser();
  traits.formats = kOpusOnly;
  traits.codecs = kOpusOnlyCodecs;
  return traits;
}
inline Party::Traits plain_trunk() { return {.tag = "trunk", .rtp = kTrunkAddress}; }
inline Party::Traits sdes_trunk(relay::srtp::Suite suite = relay::srtp::Suite::AesCm128HmacSha1_80) {
  return {.tag = "trunk", .rtp = kTrunkAddress, .sdes = suite};
}

inline Party::Traits opportunistic_trunk() {
  Party::Traits traits = sdes_trunk();
  traits.opportunistic = true;
  return traits;
}

/// Sends numbered PCMU frames and finds those of another in what a party heard.
class Counter {
 public:
  explicit Counter(Party& party) : party_(party) {}

  void frame(common::Instant now) {
    common::Bytes payload(160, std::uint8_t{0x55});
    common::store_be32(payload.data(), next_);
    if (party_.send(0, next_ * 160, payload, now)) ++next_;
  }
  std::uint32_t sent() const { return next_; }

  /// Numbers heard by `party`; fails nothing, drops what is damaged.
  static std::multiset<std::uint32_t> numbers(const Party& party) {
    std::multiset<std::uint32_t> numbers;
    for (const HeardRtp& packet : party.heard) {
      const bool whole = packet.payload.size() == 160 && packet.payload.back() == 0x55;
      if (whole && packet.timestamp == common::load_be32(packet.payload.data()) * 160) {
        numbers.insert(common::load_be32(packet.payload.data()));
      }
    }
    return numbers;
  }

 private:
  Party& party_;
  std::uint32_t next_ = 0;
};

inline void set_up(RelayScene& scene, Party& caller, Party& callee, const char* towards_callee,
                   const char* towards_caller) {
  scene.offer(caller, callee, towards_callee);
  scene.answer(callee, caller, towards_caller);
}

}  // namespace tests
