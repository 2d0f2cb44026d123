#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "relay/packet/packet_buffer.h"
#include "relay/session/drop_reason.h"
#include "relay/session/plan.h"
#include "relay/srtp/srtp_session.h"

namespace relay::session {

/// How one leg's packets are protected, whatever gave the keys: nothing, SDES or DTLS.
class TransportSecurity {
 public:
  enum class Trust : std::uint8_t { Plain, Authenticated };
  using Verdict = common::Result<Trust, DropReason>;

  /// New keys are taken only if they differ, so that the rollover counter survives a re-INVITE.
  void use_plain() noexcept;
  void use_sdes(const SdesSecurity& sdes);
  /// Until keys are there, nothing passes in either direction.
  void await_keys() noexcept;
  void use_keys(const srtp::KeyMaterial& send, const srtp::KeyMaterial& receive);

  [[nodiscard]] Verdict unprotect_rtp(packet::PacketBuffer& packet) noexcept;
  [[nodiscard]] Verdict unprotect_rtcp(packet::PacketBuffer& packet) noexcept;
  /// On an error the packet must not be sent.
  using Outcome = common::Result<void, DropReason>;
  [[nodiscard]] Outcome protect_rtp(packet::PacketBuffer& packet) noexcept;
  [[nodiscard]] Outcome protect_rtcp(packet::PacketBuffer& packet) noexcept;

  /// "plain", the suite's SDES name, or "pending".
  std::string_view description() const noexcept;

 private:
  using Keyed = std::optional<srtp::SrtpSession>;
  using Operation = srtp::SrtpSession::Outcome (srtp::SrtpSession::*)(packet::PacketBuffer&) noexcept;
  Verdict unprotect(packet::PacketBuffer& packet, Operation operation, DropReason malformed) noexcept;
  Outcome protect(packet::PacketBuffer& packet, Operation operation) noexcept;
  void install(Keyed& session, std::optional<srtp::KeyMaterial>& current, const srtp::KeyMaterial& key,
               srtp::Direction direction);

  bool plain_ = true;
  Keyed outbound_;
  Keyed inbound_;
  std::optional<srtp::KeyMaterial> outbound_key_;
  std::optional<srtp::KeyMaterial> inbound_key_;
};

}  // namespace relay::session
