#include "relay/rtcp/compound_view.h"

namespace relay::rtcp {
namespace {

using common::Err;

constexpr std::size_t kHeader = 4;

std::size_t whole_size(common::ByteSpan bytes) noexcept { return 4 * (std::size_t{common::load_be16(&bytes[2])} + 1); }
bool is_padded(common::ByteSpan bytes) noexcept { return (bytes[0] & 0x20) != 0; }

}  // namespace

common::Result<CompoundView, ParseError> CompoundView::parse(common::ByteSpan bytes) noexcept {
  if (bytes.size() < kHeader) return Err{ParseError::Truncated};
  for (common::ByteSpan rest = bytes; !rest.empty();) {
    if (rest.size() < kHeader) return Err{ParseError::BadLength};
    if (rest[0] >> 6 != 2) return Err{ParseError::BadVersion};
    const std::size_t size = whole_size(rest);
    if (size > rest.size()) return Err{ParseError::Truncated};
    if (is_padded(rest)) {
      const std::size_t padding = rest[size - 1];
      if (size != rest.size() || padding == 0 || padding % 4 != 0 || padding > size - kHeader) {
        return Err{ParseError::BadPadding};
      }
    }
    rest = rest.subspan(size);
  }
  return CompoundView(bytes);
}

std::optional<Packet> CompoundView::next() noexcept {
  if (rest_.empty()) return std::nullopt;
  const common::ByteSpan whole = rest_.first(whole_size(rest_));
  rest_ = rest_.subspan(whole.size());
  const std::size_t padding = is_padded(whole) ? whole.back() : 0;
  return Packet{.type = static_cast<PacketType>(whole[1]),
                .count = static_cast<std::uint8_t>(whole[0] & 0x1f),
                .body = whole.subspan(kHeader, whole.size() - kHeader - padding),
                .whole = whole};
}

}  // namespace relay::rtcp
