#include "relay/stun/message_view.h"

namespace {

volatile std::size_t sink = 0;

void touch_every_accessor(const relay::stun::MessageView& view) {
  std::size_t seen = view.unknown_required().size();
  seen += view.username().value_or("").size() + view.software().value_or("").size();
  if (const auto error = view.error_code()) seen += error->code + error->reason.size();
  seen += view.priority().value_or(0) + view.controlling().value_or(0) + view.controlled().value_or(0);
  if (const auto mapped = view.xor_mapped_address()) seen += mapped->port.value;
  seen += view.use_candidate() + view.integrity_matches("VOkJxbRl1RmTxUk/WvJxBt") + view.fingerprint_matches();
  sink = seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto view = relay::stun::MessageView::parse({data, size})) touch_every_accessor(*view);
  return 0;
}
