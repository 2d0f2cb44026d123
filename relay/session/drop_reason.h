#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace relay::session {

/// Why a packet went no further: one that arrived and was not taken, or one that could not be sent on.
enum class DropReason : std::uint8_t {
  UnownedPort,          // its leg has gone
  Oversized,            // longer than packet::PacketBuffer::kMaxDatagram
  UnknownProtocol,      // neither STUN, DTLS, RTP nor RTCP, RFC 7983
  MalformedRtp,         // RFC 3550 §5.1
  MalformedRtcp,        // RFC 3550 §6
  RtpOnRtcpPort,        // would pass by what the media's port has learnt
  UnexpectedStun,       // the leg has no ICE
  UnexpectedDtls,       // the leg has no DTLS, or the sender has not proven that it may speak
  UnknownSource,        // not whom the port listens to
  NotKeyed,             // SRTP whose keys are not agreed yet
  Unauthenticated,      // SRTP that is forged, corrupted or of another key
  Replayed,             // SRTP seen before, or older than the replay window
  SrtpLimit,            // more SSRCs than a key may serve, or the key is used up
  SrtpFailure,          // the SRTP library refused for a reason of its own
  PayloadType,          // one that the other side never offered
  NotExpected,          // nobody has answered yet, or the peer was asked to be silent
  ReceiverOnHold,       // the receiver has asked for silence
  ReceiverNotKeyed,     // its SRTP keys are not agreed yet
  ReceiverUnreachable,  // nobody knows where it is, or it does not consent
  ReceiverSrtp,         // SRTP may not protect the packet: a GCM nonce used before, the key used up
};

/// As the label `reason` says it, in the order of DropReason.
inline constexpr std::array<std::string_view, 20> kDropReasons{
    "unowned-port",     "oversized",        "unknown-protocol",   "malformed-rtp",        "malformed-rtcp",
    "rtp-on-rtcp-port", "unexpected-stun",  "unexpected-dtls",    "unknown-source",       "not-keyed",
    "unauthenticated",  "replayed",         "srtp-limit",         "srtp-failure",         "payload-type",
    "not-expected",     "receiver-on-hold", "receiver-not-keyed", "receiver-unreachable", "receiver-srtp",
};
static_assert(kDropReasons.size() == static_cast<std::size_t>(DropReason::ReceiverSrtp) + 1);

/// What one shard has dropped: plain numbers of its thread.
class DropCounters {
 public:
  void count(DropReason reason) noexcept {
    ++counts_[static_cast<std::size_t>(reason)];
    changed_ = true;
  }
  /// Of a reason that the back end counts.
  void set(DropReason reason, std::uint64_t total) noexcept {
    changed_ = changed_ || of(reason) != total;
    counts_[static_cast<std::size_t>(reason)] = total;
  }
  std::uint64_t of(DropReason reason) const noexcept { return counts_[static_cast<std::size_t>(reason)]; }
  /// True if something was counted since the last call.
  bool take_change() noexcept { return std::exchange(changed_, false); }

 private:
  std::array<std::uint64_t, kDropReasons.size()> counts_{};
  bool changed_ = false;
};

}  // namespace relay::session
