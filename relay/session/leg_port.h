#pragma once

#include <cstddef>
#include <optional>

#include "common/net/address.h"
#include "common/time/instant.h"
#include "relay/session/plan.h"
#include "relay/session/report.h"
#include "relay/session/source_latch.h"
#include "relay/session/transport_security.h"

namespace relay::session {

/// One port of a leg: whom it believes, how it is protected, and what has passed through it.
class LegPort {
 public:
  SourceLatch latch;
  TransportSecurity security;  // RTCP's: only where DTLS gives that port keys of its own

  void count_received(std::size_t bytes, common::Instant now) noexcept {
    ++received_.packets;
    received_.bytes += bytes;
    last_packet_ = now;
  }
  void count_refused() noexcept { ++received_.errors; }
  void count_sent(std::size_t bytes) noexcept {
    ++sent_.packets;
    sent_.bytes += bytes;
  }

  /// True if a packet of the pinned source has come: the usual case, and a cheap one.
  bool goes_on(const common::SocketAddress& source, common::Instant now) noexcept {
    if (!latch.is_pinned_to(source)) return false;
    last_believed_ = now;
    return true;
  }
  /// True if a packet of another source may be taken. `continues` says whether it goes on with a stream of the pinned
  /// one; asked only where that matters.
  template <class Continues>
  bool believe(const common::SocketAddress& source, TransportSecurity::Trust trust, common::Instant now,
               Continues continues) noexcept {
    using Evidence = SourceLatch::Evidence;
    const bool authenticated = trust == TransportSecurity::Trust::Authenticated;
    const bool silent = now - last_believed_ >= kSilence;
    const Evidence of_plain = silent && continues() ? Evidence::SameStream : Evidence::None;
    if (!latch.accept(source, authenticated ? Evidence::Authenticated : of_plain, now)) return false;
    last_believed_ = now;
    return true;
  }

  /// `local` is where the port is.
  PortReport report(const LocalPort& local, common::Instant now) const;

 private:
  /// Five packets missing: a source that still speaks is not at another port now.
  static constexpr auto kSilence = std::chrono::milliseconds{100};

  common::Instant last_believed_{};  // when the latch's source last spoke
  Totals received_;
  Totals sent_;
  std::optional<common::Instant> last_packet_;
};

}  // namespace relay::session
