#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "relay/session/plan.h"

/// What a shard tells of a session: figures for `query` and `delete`, and the events that end calls.
namespace relay::session {

struct Totals {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;   // UDP payload
  std::uint64_t errors = 0;  // refused: bad source, bad authentication, malformed, unknown payload type
};

/// One SSRC as received, RFC 3550 §6.4.
struct IngressStream {
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 0;
  Totals totals;
  std::uint64_t lost = 0;
  std::uint32_t jitter = 0;                    // in units of the clock rate
  std::optional<std::uint32_t> round_trip_us;  // from RTCP
};

struct PortReport {
  common::SocketAddress local;
  std::optional<common::SocketAddress> remote;  // as learnt, else as signalled
  bool pinned = false;
  Totals received;
  Totals sent;
  std::optional<std::chrono::seconds> since_last_packet;
};

struct LegReport {
  LegId id;
  std::string label;
  PortReport rtp;
  std::optional<PortReport> rtcp;
  std::vector<IngressStream> ingress;
  std::string security;  // "plain", or the suite in use
  bool dtls_connected = false;
  bool ice_connected = false;
  std::uint64_t source_changes = 0;
};

struct SessionReport {
  SessionId id;
  std::vector<LegReport> legs;
};

enum class EndCause : std::uint8_t { MediaTimeout, ConsentLost, DtlsFailed };

/// As logs and teardowns name it.
constexpr std::string_view to_string(EndCause cause) noexcept {
  switch (cause) {
    case EndCause::MediaTimeout:
      return "media-timeout";
    case EndCause::ConsentLost:
      return "consent-lost";
    case EndCause::DtlsFailed:
      return "dtls-failed";
  }
  return "unknown";
}

}  // namespace relay::session
