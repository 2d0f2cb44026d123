#include "relay/negotiation/medium.h"

#include <utility>

namespace relay::negotiation {
namespace {

constexpr std::size_t kUfragLength = 8;
constexpr std::size_t kPasswordLength = 26;

bool trusts_sdp(const ng::Request& request) { return !request.flags.sip_source_address || !request.received_from; }

/// With SIP-source-address the address of the SIP message counts, not what the SDP says.
void distrust_addresses(RemoteMedia& remote, const ng::Request& request) {
  if (trusts_sdp(request)) return;
  if (remote.rtp) remote.rtp->ip = *request.received_from;
  if (remote.rtcp) remote.rtcp->ip = *request.received_from;
}

}  // namespace

bool renew_ice(LocalMedia& local, common::crypto::Random& random, bool restart) {
  if (!local.ice_local.ufrag.empty() && !restart) return false;
  local.ice_local = {random.ice_chars(kUfragLength), random.ice_chars(kPasswordLength)};
  if (local.ice_tie_breaker == 0) local.ice_tie_breaker = random.u64();
  return true;
}

void take_remote(LocalMedia& local, RemoteMedia remote, const ng::Request& request, common::crypto::Random& random) {
  distrust_addresses(remote, request);
  const bool restart = local.remote_known && local.remote.ice && remote.ice && *local.remote.ice != *remote.ice;
  local.dtls_settled = local.dtls_settled && local.remote.fingerprint == remote.fingerprint;
  local.remote = std::move(remote);
  local.remote_known = true;
  if (restart) renew_ice(local, random, true);
  local.latch.strict = request.flags.strict_source;
  local.latch.learns = !request.flags.asymmetric;
  local.latch.trust_sdp = trusts_sdp(request);
  local.latch.signalling_source = request.received_from;
}

}  // namespace relay::negotiation
