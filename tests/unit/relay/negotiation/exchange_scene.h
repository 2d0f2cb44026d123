#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/dtls/certificate.h"
#include "relay/negotiation/exchange.h"

/// What tests of offer and answer share: a browser's and a trunk's SDP, and the relay's surroundings.
namespace relay::negotiation {

using common::SocketAddress;

inline constexpr std::string_view kBrowserOffer =
    "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\n"
    "a=msid-semantic: WMS stream\r\n"
    "m=audio 51000 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 198.51.100.4\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\na=candidate:1 1 udp 2113937151 198.51.100.4 51000 typ host generation 0\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"
    "a=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\n"
    "a=msid:stream track\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n"
    "a=rtpmap:126 telephone-event/8000\r\na=ssrc:1 cname:x\r\n";

inline constexpr std::string_view kTrunkAnswer =
    "v=0\r\no=trunk 1 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
    "m=audio 7000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

inline constexpr std::string_view kTrunkOffer =
    "v=0\r\no=trunk 1 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n"
    "m=audio 7000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";

/// The relay's surroundings: ports from 30000 upwards, seeded randomness.
struct Fixture {
  common::crypto::SeededRandom random{1};
  std::uint32_t last_leg = 0;
  std::uint16_t next_port = 30000;
  int ports_left = 100;
  Environment environment{random, dtls::Certificate::make(random, common::WallTime{std::chrono::hours{500000}}), false,
                          [this] { return session::LegId{++last_leg}; },
                          [this](std::string_view, std::optional<common::IpAddress::Family>) { return open(); }};
  Side caller{"from", {}};
  Side callee{"to", {}};

  common::Result<std::shared_ptr<PortPair>, PortError> open() {
    if (ports_left-- == 0) return common::Err{PortError::Exhausted};
    const SocketAddress address{*common::IpAddress::parse("192.0.2.10"), common::Port{next_port}};
    next_port = static_cast<std::uint16_t>(next_port + 2);
    return std::make_shared<PortPair>(address, address.ip, common::Fd{}, common::Fd{}, nullptr);
  }

  static ng::Request request(std::string_view flags) {
    return *ng::read_request(
        {{"command", "offer"}, {"call-id", "c"}, {"from-tag", "f"}, {"sdp", "x"}, {"rtpp-flags", flags}});
  }
  std::string offer(std::string_view sdp, std::string_view flags) {
    const auto result = relay_offer(*sdp::parse(sdp), request(flags), caller, callee, environment);
    return result ? *result : "error: " + result.error().reason;
  }
  std::string answer(std::string_view sdp, std::string_view flags) {
    const auto result = relay_answer(*sdp::parse(sdp), request(flags), callee, caller, environment);
    return result ? *result : "error: " + result.error().reason;
  }
};

inline bool has(const std::string& sdp, std::string_view text) { return sdp.find(text) != std::string::npos; }

inline constexpr std::string_view kTowardsSip =
    "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP";
inline constexpr std::string_view kTowardsBrowser =
    "trust-address replace-origin replace-session-connection rtcp-mux-offer generate-mid DTLS=passive SDES-off "
    "ICE=force UDP/TLS/RTP/SAVPF";

inline const session::PayloadAction* action(const std::vector<session::PathPlan>& paths, int payload_type) {
  for (const auto& [type, action] : paths.at(0).payloads) {
    if (type == payload_type) return &action;
  }
  return nullptr;
}

}  // namespace relay::negotiation
