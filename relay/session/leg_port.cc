#include "relay/session/leg_port.h"

namespace relay::session {

PortReport LegPort::report(const LocalPort& local, common::Instant now) const {
  PortReport report;
  report.local = local.advertised;
  report.remote = latch.destination();
  report.pinned = latch.pinned();
  report.received = received_;
  report.sent = sent_;
  if (last_packet_) {
    report.since_last_packet = std::chrono::duration_cast<std::chrono::seconds>(now - *last_packet_);
  }
  return report;
}

}  // namespace relay::session
