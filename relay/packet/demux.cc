#include "relay/packet/demux.h"

namespace relay::packet {
namespace {

constexpr std::size_t kStunHeader = 20;
constexpr std::size_t kDtlsRecordHeader = 13;
constexpr std::size_t kRtpHeader = 12;
constexpr std::size_t kSmallestRtcp = 8;

constexpr bool is_rtcp_type(std::uint8_t second) noexcept { return second >= 192 && second <= 223; }

}  // namespace

DatagramKind classify(common::ByteSpan datagram) noexcept {
  if (datagram.size() < kSmallestRtcp) return DatagramKind::Unknown;
  const std::uint8_t first = datagram[0];
  if (first <= 3) return datagram.size() >= kStunHeader ? DatagramKind::Stun : DatagramKind::Unknown;
  if (first >= 20 && first <= 63) {
    return datagram.size() >= kDtlsRecordHeader ? DatagramKind::Dtls : DatagramKind::Unknown;
  }
  if (first < 128 || first > 191) return DatagramKind::Unknown;
  if (is_rtcp_type(datagram[1])) return DatagramKind::Rtcp;
  return datagram.size() >= kRtpHeader ? DatagramKind::Rtp : DatagramKind::Unknown;
}

}  // namespace relay::packet
