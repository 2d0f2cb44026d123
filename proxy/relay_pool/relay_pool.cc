#include "proxy/relay_pool/relay_pool.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/byte_order.h"
#include "common/base/invariant.h"
#include "common/crypto/digest.h"

namespace proxy::relay_pool {
namespace {

constexpr std::size_t kMaxRelays = std::size_t{std::numeric_limits<media::RelayIndex>::max()} + 1;
constexpr std::size_t kMaxTexts = 60'000;  // leaves room for keys and flags in the 65,507 bytes of a datagram

/// What SIP peers decide the length of.
std::size_t text_size(const ng::Request& request) noexcept {
  return request.call_id.size() + request.from_tag.size() + request.to_tag.size() + request.via_branch.size() +
         request.sdp.size() + request.teardown_blob.size();
}

/// Weight of a relay for a call. By address, not by place: a relay taken out of the list moves no other relay's calls.
std::uint64_t weight(std::string_view call_id, const common::SocketAddress& relay) {
  const std::string key = relay.to_string() + ' ' + std::string(call_id);
  return common::load_be64(common::crypto::sha256(common::as_bytes(key)).data());
}

}  // namespace

RelayPool::RelayPool(common::event::Loop& loop, Settings settings, const std::string& cookie_prefix)
    : loop_(loop), settings_(std::move(settings)), refused_timer_(loop, [this](common::Instant) { tell_refused(); }) {
  INVARIANT(!settings_.relays.empty(), "a pool has a relay");
  INVARIANT(settings_.relays.size() <= kMaxRelays, "a cookie can name every relay of the pool");
  links_.reserve(settings_.relays.size());
  for (std::size_t i = 0; i < settings_.relays.size(); ++i) {
    links_.push_back(
        std::make_unique<RelayLink>(loop, settings_.relays[i], settings_, cookie_prefix + std::to_string(i)));
  }
}

/// Rendezvous hashing: each relay has a weight for each call, and the highest weight wins.
std::vector<media::RelayIndex> RelayPool::order_for(std::string_view call_id) const {
  struct Candidate {
    bool healthy;
    std::uint64_t weight;
    media::RelayIndex index;
  };
  std::vector<Candidate> candidates;
  candidates.reserve(links_.size());
  for (std::size_t i = 0; i < links_.size(); ++i) {
    candidates.push_back(
        {links_[i]->healthy(), weight(call_id, settings_.relays[i]), static_cast<media::RelayIndex>(i)});
  }
  std::ranges::stable_sort(candidates, [](const Candidate& a, const Candidate& b) {
    return std::pair{a.healthy, a.weight} > std::pair{b.healthy, b.weight};
  });
  std::vector<media::RelayIndex> order;
  order.reserve(candidates.size());
  for (const Candidate& candidate : candidates) order.push_back(candidate.index);
  return order;
}

std::uint16_t RelayPool::boot(media::RelayIndex relay) const {
  return relay < links_.size() ? links_[relay]->boot() : std::uint16_t{0};
}

void RelayPool::ask(media::RelayIndex relay, const ng::Request& request, Done done) {
  if (relay >= links_.size()) return refuse(std::move(done));
  if (const std::size_t size = text_size(request); size > kMaxTexts) {
    if (const auto held_back = too_large_log_.pass(loop_.now())) {
      common::log::warn("relay.request_too_large",
                        {{"call_id", request.call_id}, {"bytes", size}, {"held_back", *held_back}});
    }
    return refuse(std::move(done));
  }
  links_[relay]->ask(request, std::move(done));
}

/// By a timer and not by the loop's own queue: what is refused goes away with the pool.
void RelayPool::refuse(Done done) {
  refused_.push_back(std::move(done));
  refused_timer_.schedule(loop_.now());
}

void RelayPool::tell_refused() {
  for (const Done& done : std::exchange(refused_, {})) done(common::Err{ng::ClientError::Unreachable});
}

std::vector<RelayStatus> RelayPool::statuses() const {
  std::vector<RelayStatus> statuses;
  statuses.reserve(links_.size());
  for (const auto& link : links_) statuses.push_back(link->status());
  return statuses;
}

}  // namespace proxy::relay_pool
