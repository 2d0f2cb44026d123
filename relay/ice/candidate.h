#pragma once

#include <cstdint>
#include <string>

#include "common/net/address.h"

namespace relay::ice {

enum class CandidateType : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relayed };
enum class Component : std::uint8_t { Rtp = 1, Rtcp = 2 };

/// One UDP candidate, RFC 8839 §5.1.
struct Candidate {
  std::string foundation;
  Component component = Component::Rtp;
  std::uint32_t priority = 0;
  common::SocketAddress address;
  CandidateType type = CandidateType::Host;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

struct Credentials {
  std::string ufrag;
  std::string password;
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace relay::ice
