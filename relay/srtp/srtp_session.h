#pragma once

#include <memory>
#include <optional>
#include <vector>

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
  /// A peer that changes its SSRC with every packet must not make us remember without end.
  static constexpr std::size_t kMaxSources = 64;

  /// Errors: BadKey, Internal.
  [[nodiscard]] static common::Result<SrtpSession, SrtpError> create(const KeyMaterial& key, Direction direction);

  /// Encrypt in place; the packet grows by the tag (and, for SRTCP, the index). With AES-CM the same sequence number
  /// may be protected again, since a relay passes on retransmissions; with GCM it may not: two packets under one nonce
  /// would give away the authentication key (RFC 7714 §8.1). Errors: NoTailroom, KeyExhausted, Malformed, Replayed,
  /// TooManySources, Internal.
  [[nodiscard]] Outcome protect_rtp(packet::PacketBuffer& packet) noexcept;
  [[nodiscard]] Outcome protect_rtcp(packet::PacketBuffer& packet) noexcept;

  /// Check and decrypt in place; the packet shrinks by what protect added. On an error its content is worthless.
  /// Errors: AuthenticationFailed, Replayed, KeyExhausted, Malformed, TooManySources, Internal.
  [[nodiscard]] Outcome unprotect_rtp(packet::PacketBuffer& packet) noexcept;
  [[nodiscard]] Outcome unprotect_rtcp(packet::PacketBuffer& packet) noexcept;

  Suite suite() const noexcept { return suite_; }

 private:
  struct Dealloc {
    void operator()(srtp_ctx_t_* context) const noexcept;
  };
  using Context = std::unique_ptr<srtp_ctx_t_, Dealloc>;
  SrtpSession(Context context, Suite suite);

  using Operation = int (*)(srtp_ctx_t_*, void*, int*);  // of libsrtp; the result is its status
  Outcome run(packet::PacketBuffer& packet, std::uint32_t ssrc, Operation operation) noexcept;
  Outcome protect(packet::PacketBuffer& packet, std::size_t growth, std::uint32_t ssrc, Operation operation) noexcept;
  bool knows(std::uint32_t ssrc) const noexcept;

  Context context_;
  Suite suite_;
  std::optional<std::uint32_t> latest_;  // of sources_, so that one stream alone never reads the list
  std::vector<std::uint32_t> sources_;   // room for kMaxSources from the start
};

}  // namespace relay::srtp
