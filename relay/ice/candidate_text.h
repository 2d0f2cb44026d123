#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "relay/ice/candidate.h"

namespace relay::ice {

enum class CandidateError : std::uint8_t {
  Malformed,
  NotUdp,     // tcp and others: valid, of no use to us
  HostName,   // an mDNS name or another: valid, the peer will show up as peer-reflexive
  Component,  // beyond RTP and RTCP
};

/// Value of `a=candidate:`, with or without that prefix, RFC 8839 §5.1. Extensions are skipped.
[[nodiscard]] common::Result<Candidate, CandidateError> parse_candidate(std::string_view text);

/// `1 1 UDP 2130706431 192.0.2.1 30000 typ host`, the value without `a=candidate:`. For host candidates; others would
/// need a related address and get the unspecified one.
std::string format_candidate(const Candidate& candidate);

/// RFC 8445 §5.1.2.1 with its recommended type preferences; `local_preference` 65535 for a single address.
constexpr std::uint32_t candidate_priority(CandidateType type, std::uint16_t local_preference,
                                           Component component) noexcept {
  constexpr std::uint32_t kTypePreference[] = {126, 100, 110, 0};  // host, srflx, prflx, relay
  return (kTypePreference[static_cast<std::size_t>(type)] << 24) | (std::uint32_t{local_preference} << 8) |
         (256U - static_cast<std::uint32_t>(component));
}

}  // namespace relay::ice
