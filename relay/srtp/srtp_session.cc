#include "relay/srtp/srtp_session.h"

#include <srtp2/srtp.h>

#include <algorithm>

#include "relay/rtp/packet_view.h"
#include "relay/srtp/srtp_library.h"

namespace relay::srtp {
namespace {

using common::Err;

constexpr unsigned long kReplayWindow = 512;  // packets: a video burst may arrive well out of order
constexpr std::size_t kRtcpHeader = 8;
constexpr std::size_t kSrtcpIndex = 4;

SrtpError from_libsrtp(int status) noexcept {
  switch (status) {
    case srtp_err_status_auth_fail:
      return SrtpError::AuthenticationFailed;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
      return SrtpError::Replayed;
    case srtp_err_status_key_expired:
      return SrtpError::KeyExhausted;
    case srtp_err_status_bad_param:
    case srtp_err_status_parse_err:
      return SrtpError::Malformed;
    default:
      return SrtpError::Internal;
  }
}

void set_suite(srtp_policy_t& policy, Suite suite) noexcept {
  switch (suite) {
    case Suite::AesCm128HmacSha1_80:
      srtp_crypto_policy_set_rtp_default(&policy.rtp);
      srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
      return;
    case Suite::AesCm128HmacSha1_32:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
      srtp_crypto_policy_set_rtcp_default(&policy.rtcp);  // SRTCP keeps 80 bits, RFC 4568 §6.2.2
      return;
    case Suite::AeadAes128Gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
      return;
    case Suite::AeadAes256Gcm:
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
      return;
  }
}

bool is_gcm(Suite suite) noexcept { return suite == Suite::AeadAes128Gcm || suite == Suite::AeadAes256Gcm; }

/// SSRC of an RTP header, encrypted payload or not; nothing if it is none.
std::optional<std::uint32_t> rtp_source(const packet::PacketBuffer& packet) noexcept {
  const auto view = rtp::PacketView::parse(packet.span(), rtp::PacketView::Padding::Ignore);
  if (!view) return std::nullopt;
  return view->ssrc().value;
}

std::optional<std::uint32_t> rtcp_source(const packet::PacketBuffer& packet) noexcept {
  if (packet.size() < kRtcpHeader || packet.data()[0] >> 6 != 2) return std::nullopt;
  return common::load_be32(packet.data() + 4);
}

int do_protect(srtp_ctx_t_* context, void* data, int* size) { return srtp_protect(context, data, size); }
int do_unprotect(srtp_ctx_t_* context, void* data, int* size) { return srtp_unprotect(context, data, size); }
int do_protect_rtcp(srtp_ctx_t_* context, void* data, int* size) { return srtp_protect_rtcp(context, data, size); }
int do_unprotect_rtcp(srtp_ctx_t_* context, void* data, int* size) { return srtp_unprotect_rtcp(context, data, size); }

}  // namespace

void SrtpSession::Dealloc::operator()(srtp_ctx_t_* context) const noexcept { srtp_dealloc(context); }

SrtpSession::SrtpSession(Context context, Suite suite) : context_(std::move(context)), suite_(suite) {
  sources_.reserve(kMaxSources);
}

common::Result<SrtpSession, SrtpError> SrtpSession::create(const KeyMaterial& key, Direction direction) {
  start_srtp_library();
  const SuiteFacts& facts = facts_of(key.suite);
  if (key.key_and_salt.size() != std::size_t{facts.key_length} + facts.salt_length) return Err{SrtpError::BadKey};
  common::Bytes key_and_salt = key.key_and_salt;  // libsrtp takes it as non-const
  srtp_policy_t policy{};
  set_suite(policy, key.suite);
  policy.ssrc.type = direction == Direction::Inbound ? ssrc_any_inbound : ssrc_any_outbound;
  policy.key = key_and_salt.data();
  policy.window_size = kReplayWindow;
  policy.allow_repeat_tx = is_gcm(key.suite) ? 0 : 1;
  srtp_t context = nullptr;
  if (srtp_create(&context, &policy) != srtp_err_status_ok) return Err{SrtpError::Internal};
  return SrtpSession(Context(context), key.suite);
}

SrtpSession::Outcome SrtpSession::protect_rtp(packet::PacketBuffer& packet) noexcept {
  const auto ssrc = rtp_source(packet);
  if (!ssrc) return Err{SrtpError::Malformed};
  return protect(packet, SRTP_MAX_TRAILER_LEN, *ssrc, do_protect);
}

SrtpSession::Outcome SrtpSession::protect_rtcp(packet::PacketBuffer& packet) noexcept {
  const auto ssrc = rtcp_source(packet);
  if (!ssrc) return Err{SrtpError::Malformed};
  return protect(packet, SRTP_MAX_TRAILER_LEN + kSrtcpIndex, *ssrc, do_protect_rtcp);
}

SrtpSession::Outcome SrtpSession::protect(packet::PacketBuffer& packet, std::size_t growth, std::uint32_t ssrc,
                                          Operation operation) noexcept {
  if (packet.tailroom() < growth) return Err{SrtpError::NoTailroom};
  return run(packet, ssrc, operation);
}

SrtpSession::Outcome SrtpSession::unprotect_rtp(packet::PacketBuffer& packet) noexcept {
  const auto ssrc = rtp_source(packet);
  if (!ssrc) return Err{SrtpError::Malformed};
  return run(packet, *ssrc, do_unprotect);
}

SrtpSession::Outcome SrtpSession::unprotect_rtcp(packet::PacketBuffer& packet) noexcept {
  const auto ssrc = rtcp_source(packet);
  if (!ssrc) return Err{SrtpError::Malformed};
  return run(packet, *ssrc, do_unprotect_rtcp);
}

SrtpSession::Outcome SrtpSession::run(packet::PacketBuffer& packet, std::uint32_t ssrc, Operation operation) noexcept {
  const bool known = knows(ssrc);
  if (!known && sources_.size() == kMaxSources) return Err{SrtpError::TooManySources};
  int size = static_cast<int>(packet.size());
  const int status = operation(context_.get(), packet.data(), &size);
  if (status != srtp_err_status_ok) return Err{from_libsrtp(status)};
  if (!known) sources_.push_back(ssrc);
  latest_ = ssrc;
  packet.resize(static_cast<std::size_t>(size));
  return {};
}

bool SrtpSession::knows(std::uint32_t ssrc) const noexcept {
  return latest_ == ssrc || std::ranges::find(sources_, ssrc) != sources_.end();
}

}  // namespace relay::srtp
