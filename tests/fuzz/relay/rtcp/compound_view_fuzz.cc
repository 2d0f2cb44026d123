#include "common/base/invariant.h"
#include "relay/rtcp/packet_views.h"

using namespace relay::rtcp;

namespace {

void touch(const Packet& packet) {
  std::size_t sum = packet.body.size();
  if (const auto report = ReportView::from(packet)) {
    if (report->is_sender_report()) sum += report->sender_info().octet_count;
    for (std::size_t i = 0; i < report->block_count(); ++i) sum += report->block(i).jitter;
  }
  if (auto sdes = SdesView::from(packet)) {
    while (const auto item = sdes->next()) {
      for (const char c : item->value) sum += static_cast<unsigned char>(c);
    }
  }
  if (const auto bye = ByeView::from(packet)) {
    for (std::size_t i = 0; i < bye->source_count(); ++i) sum += bye->source(i).value;
    for (const char c : bye->reason()) sum += static_cast<unsigned char>(c);
  }
  if (const auto app = AppView::from(packet)) sum += app->name.size() + app->data.size();
  if (const auto feedback = FeedbackView::from(packet)) {
    if (feedback->is_nack()) feedback->each_lost([&](std::uint16_t sequence) { sum += sequence; });
  }
  [[maybe_unused]] volatile std::size_t sink = sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto compound = CompoundView::parse({data, size});
  if (!compound) return 0;
  std::size_t seen = 0;
  while (const auto packet = compound->next()) {
    seen += packet->whole.size();
    touch(*packet);
  }
  INVARIANT(seen == size, "the packets are the compound");
  return 0;
}
