#include "relay/session/source_latch.h"

namespace relay::session {

void SourceLatch::configure(const LatchPolicy& policy, std::optional<common::SocketAddress> signalled) {
  policy_ = policy;
  const bool only_signalled = policy_.strict || !policy_.learns;
  if (only_signalled && signalled && pinned_ != signalled) pinned_.reset();
  if (signalled == signalled_) return;
  signalled_ = signalled;
  pinned_.reset();
  host_.reset();
  first_come_ = false;
  candidate_.reset();
}

bool SourceLatch::plausible(const common::SocketAddress& source) const noexcept {
  if (policy_.strict) return source == signalled_;
  if (signalled_ && policy_.trust_sdp && source.ip == signalled_->ip) return true;
  if (source.ip == host_) return true;
  return policy_.signalling_source && source.ip == *policy_.signalling_source;
}

/// Several packets of one source, no other in between, within one window. A window that passes without result opens
/// anew: one stray packet must not keep the phone out for ever.
bool SourceLatch::consistent(const common::SocketAddress& source, Evidence evidence, common::Instant now) noexcept {
  if (policy_.strict || !signalled_ || host_) return false;
  if (candidate_ != source || now > window_end_) {
    candidate_ = source;
    candidate_packets_ = 0;
    window_end_ = now + policy_.learning_window;
  }
  return ++candidate_packets_ >= (evidence == Evidence::Handshake ? kConsistentHandshakes : kConsistentPackets);
}

/// What moves a pin, but never a strict one: keys; the same stream from the same host (a NAT that gave it another
/// port); and, where the pin was only first come, an address that signalling has named.
bool SourceLatch::may_move(const common::SocketAddress& source, Evidence evidence) const noexcept {
  if (policy_.strict) return false;
  if (evidence == Evidence::Authenticated) return true;
  if (evidence == Evidence::SameStream && source.ip == pinned_->ip) return true;
  return first_come_ && plausible(source);
}

bool SourceLatch::accept(const common::SocketAddress& source, Evidence evidence, common::Instant now) noexcept {
  if (pinned_ == source) return true;
  if (!policy_.learns && source != signalled_) return !policy_.strict;
  if (pinned_) {
    if (!may_move(source, evidence)) return false;
    ++changes_;
    first_come_ = false;
  } else if (!plausible(source) && (policy_.strict || evidence != Evidence::Authenticated)) {
    if (!consistent(source, evidence, now)) return false;
    first_come_ = true;
  }
  pinned_ = source;
  return true;
}

void SourceLatch::pin(const common::SocketAddress& source) noexcept {
  if (pinned_ == source) return;
  if (pinned_) ++changes_;
  pinned_ = source;
  first_come_ = false;
}

}  // namespace relay::session
