#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "relay/srtp/suite.h"

namespace benchmarks {

enum class Codec : std::uint8_t { Pcmu, Opus };
enum class Protection : std::uint8_t { Plain, Sdes, Dtls };

/// What one end of a call speaks. `suite` matters where media is protected.
struct PartyKind {
  Codec codec = Codec::Pcmu;
  Protection protection = Protection::Plain;
  relay::srtp::Suite suite = relay::srtp::Suite::AesCm128HmacSha1_80;
};

struct Scenario {
  std::string_view name;
  PartyKind caller;
  PartyKind callee;
  unsigned calls;  // unless the command line says otherwise

  bool transcodes() const noexcept { return caller.codec != callee.codec; }
};

/// SDES has two different suites: with equal ones a relay may hand the key through and never decrypt. DTLS has one
/// profile, so that every relay does the same arithmetic.
inline constexpr std::array kScenarios{
    Scenario{"plain", {}, {}, 500},
    Scenario{"sdes",
             {Codec::Pcmu, Protection::Sdes, relay::srtp::Suite::AesCm128HmacSha1_80},
             {Codec::Pcmu, Protection::Sdes, relay::srtp::Suite::AesCm128HmacSha1_32},
             500},
    Scenario{"dtls", {Codec::Pcmu, Protection::Dtls}, {}, 500},
    Scenario{"dtls-sdes", {Codec::Pcmu, Protection::Dtls}, {Codec::Pcmu, Protection::Sdes}, 500},
    Scenario{"opus", {Codec::Opus}, {Codec::Pcmu}, 30},
};

}  // namespace benchmarks
