#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "relay/packet/packet_buffer.h"
#include "relay/session/plan.h"
#include "relay/srtp/srtp_session.h"

namespace relay::session {

/// How one leg's packets are protected, whatever gave the keys: nothing, SDES or DTLS.
class TransportSecurity {
 public:
  enum class Verdict : std::uint8_t { Plain, Authenticated, Refused };

  /// New keys are taken only if they differ, so that the rollover counter survives a re-INVITE.
  void use_plain() noexcept;
  void use_sdes(const SdesSecurity& sdes);
  /// Until keys are there, nothing passes in either direction.
  void await_keys() noexcept;
  void use_keys(const srtp::KeyMaterial& send, const srtp::KeyMaterial& receive);

  Verdict unprotect_rtp(packet::PacketBuffer& packet) noexcept;
  Verdict unprotect_rtcp(packet::PacketBuffer& packet) noexcept;
  /// False: the packet must not be sent.
  bool protect_rtp(packet::PacketBuffer& packet) noexcept;
  bool protect_rtcp(packet::PacketBuffer& packet) noexcept;

  bool ready_to_send() const noexcept { return plain_ || outbound_.has_value(); }
  /// "plain", the suite's SDES name, or "pending".
  std::string_view description() const noexcept;

 private:
  using Keyed = std::optional<srtp::SrtpSession>;
  void install(Keyed& session, std::optional<srtp::KeyMaterial>& current, const srtp::KeyMaterial& key,
               srtp::Direction direction);

  bool plain_ = true;
  Keyed outbound_;
  Keyed inbound_;
  std::optional<srtp::KeyMaterial> outbound_key_;
  std::optional<srtp::KeyMaterial> inbound_key_;
};

}  // namespace relay::session
