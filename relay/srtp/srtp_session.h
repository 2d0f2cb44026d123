#pragma once

#include <memory>

#include "common/base/result.h"
#include "relay/packet/packet_buffer.h"
#include "relay/srtp/srtp_error.h"
#include "relay/srtp/suite.h"

struct srtp_ctx_t_;

namespace relay::srtp {

enum class Direction : std::uint8_t { Inbound, Outbound };

/// One direction of SRTP and SRTCP of one leg, RFC 3711 and RFC 7714, for any number of SSRCs under one master key.
/// Not thread-safe; lives on one shard. The rollover counter of each SSRC is followed inside.
class SrtpSession {
 public:
  using Outcome = common::Result<void, SrtpError>;

  /// Errors: BadKey, Internal.
  [[nodiscard]] static common::Result<SrtpSession, SrtpError> create(const KeyMaterial& key, Direction direction);

  /// Encrypt in place; the packet grows by the tag (and, for SRTCP, the index). An outbound session may protect the
  /// same sequence number again: a relay passes on what was sent to it, retransmissions included. Errors: NoTailroom,
  /// KeyExhausted, Malformed, Replayed (a number far behind the newest), Internal.
  [[nodiscard]] Outcome protect_rtp(packet::PacketBuffer& packet) noexcept;
  [[nodiscard]] Outcome protect_rtcp(packet::PacketBuffer& packet) noexcept;

  /// Check and decrypt in place; the packet shrinks by what protect added. On an error its content is worthless.
  /// Errors: AuthenticationFailed, Replayed, KeyExhausted, Malformed, Internal.
  [[nodiscard]] Outcome unprotect_rtp(packet::PacketBuffer& packet) noexcept;
  [[nodiscard]] Outcome unprotect_rtcp(packet::PacketBuffer& packet) noexcept;

  Suite suite() const noexcept { return suite_; }

 private:
  struct Dealloc {
    void operator()(srtp_ctx_t_* context) const noexcept;
  };
  using Context = std::unique_ptr<srtp_ctx_t_, Dealloc>;
  SrtpSession(Context context, Suite suite) noexcept : context_(std::move(context)), suite_(suite) {}

  Context context_;
  Suite suite_;
};

}  // namespace relay::srtp
