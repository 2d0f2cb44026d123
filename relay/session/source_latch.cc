#include "relay/session/source_latch.h"

namespace relay::session {

void SourceLatch::configure(const LatchPolicy& policy, std::optional<common::SocketAddress> signalled) {
  policy_ = policy;
  if (signalled == signalled_) return;
  signalled_ = signalled;
  pinned_.reset();
  candidate_.reset();
  window_end_.reset();
}

bool SourceLatch::plausible(const common::SocketAddress& source) const noexcept {
  if (policy_.strict) return source == signalled_;
  if (signalled_ && policy_.trust_sdp && source.ip == signalled_->ip) return true;
  return policy_.signalling_source && source.ip == *policy_.signalling_source;
}

bool SourceLatch::consistent(const common::SocketAddress& source, common::Instant now) noexcept {
  if (policy_.strict || !signalled_) return false;
  if (!window_end_) window_end_ = now + policy_.learning_window;
  if (now > *window_end_) return false;
  if (candidate_ != source) {
    candidate_ = source;
    candidate_packets_ = 0;
  }
  return ++candidate_packets_ >= kConsistentPackets;
}

bool SourceLatch::accept(const common::SocketAddress& source, Evidence evidence, common::Instant now) noexcept {
  if (pinned_ == source) return true;
  if (pinned_) {
    if (evidence != Evidence::Authenticated) return refuse();
    ++changes_;
    pinned_ = source;
    return true;
  }
  if (evidence != Evidence::Authenticated && !plausible(source) && !consistent(source, now)) return refuse();
  pinned_ = source;
  return true;
}

void SourceLatch::pin(const common::SocketAddress& source) noexcept {
  if (pinned_ == source) return;
  if (pinned_) ++changes_;
  pinned_ = source;
}

}  // namespace relay::session
