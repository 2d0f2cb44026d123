#include "common/base/invariant.h"
#include "relay/rtp/packet_view.h"

using relay::rtp::PacketView;

namespace {

void touch(PacketView view, std::size_t size) {
  std::size_t sum = view.payload_type() + view.sequence() + view.timestamp() + view.ssrc().value + view.marker();
  for (std::size_t i = 0; i < view.csrc_count(); ++i) sum += view.csrc(i).value;
  if (view.has_extension()) sum += view.extension_profile();
  for (const std::uint8_t byte : view.extension()) sum += byte;
  for (const std::uint8_t byte : view.payload()) sum += byte;
  [[maybe_unused]] volatile std::size_t sink = sum;
  INVARIANT(view.header_size() + view.payload().size() + view.padding_size() == size, "the parts are the packet");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto padding : {PacketView::Padding::Check, PacketView::Padding::Ignore}) {
    if (const auto view = PacketView::parse({data, size}, padding)) touch(*view, size);
  }
  return 0;
}
