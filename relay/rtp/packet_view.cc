#include "relay/rtp/packet_view.h"

namespace relay::rtp {

using common::Err;

common::Result<PacketView, ParseError> PacketView::parse(common::ByteSpan bytes, Padding padding) noexcept {
  if (bytes.size() < kFixedHeaderSize) return Err{ParseError::Truncated};
  if (bytes[0] >> 6 != 2) return Err{ParseError::BadVersion};
  PacketView view(bytes);
  std::size_t at = view.extension_at();
  if (view.has_extension()) {
    if (bytes.size() < at + 4) return Err{ParseError::Truncated};
    at += 4 + 4 * std::size_t{common::load_be16(bytes.data() + at + 2)};
  }
  if (bytes.size() < at) return Err{ParseError::Truncated};
  view.payload_at_ = at;
  if ((bytes[0] & 0x20) != 0 && padding == Padding::Check) {
    view.padding_ = bytes.back();
    if (view.padding_ == 0 || view.padding_ > bytes.size() - at) return Err{ParseError::BadPadding};
  }
  return view;
}

}  // namespace relay::rtp
