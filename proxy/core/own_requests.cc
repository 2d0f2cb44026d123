#include "proxy/core/own_requests.h"

#include "proxy/core/cseq_room.h"
#include "proxy/core/hop.h"
#include "proxy/core/route_set.h"

namespace proxy::core {
namespace {

/// A BYE is the last request of its dialog, so it may take the end of the range (RFC 3261 §12.2.1.1: below 2^31): no
/// request that either end has sent meanwhile has a higher number. Some are left for a challenge.
constexpr std::uint32_t kLastCseq = 0x7ffffff0;

}  // namespace

void OwnRequests::end_both(const TeardownBlob& dialog) {
  OwnRequest to_caller{"BYE", dialog.call_id, dialog.callee.party, dialog.caller};
  OwnRequest to_callee{"BYE", dialog.call_id, dialog.caller_seen, dialog.callee};
  to_caller.to.last_cseq = to_callee.to.last_cseq = kLastCseq;
  send(std::move(to_caller));
  send(std::move(to_callee));
}

void OwnRequests::end_callee(const TeardownBlob& dialog, bool bye) {
  OwnRequest ack{"ACK", dialog.call_id, dialog.caller_seen, dialog.callee};
  send(ack);
  if (!bye) return;
  OwnRequest request{"BYE", dialog.call_id, dialog.caller_seen, dialog.callee};
  request.to.last_cseq += kCseqSpread;
  send(std::move(request));
}

void OwnRequests::send(OwnRequest request) {
  if (request.to.target.empty()) return;
  const Peer peer = request.to.peer;
  resolve(peer, services_, [this, request = std::move(request)](std::optional<transaction::Hop> hop) {
    if (!hop) return;  // a vanished browser: its dialog has ended with it
    const sip::Message draft = make_own_request(request, *hop, services_);
    auto named = named_hop(draft, request.to.peer, services_.administration.trunks);
    send(Running{request, named ? std::move(*named) : std::move(*hop)}, {});
  });
}

void OwnRequests::send(Running running, const TrunkCredentials& credentials) {
  sip::Message message = make_own_request(running.request, running.hop, services_);
  credentials.add_to(message);
  if (running.request.method == "ACK") return transmit(services_, running.hop, message.to_string());
  const auto client = services_.table.send_request(std::move(message), running.hop, services_.now());
  if (client) running_.emplace(*client, std::move(running));
}

bool OwnRequests::on_response(transaction::TransactionId client, const sip::Message& response) {
  const auto found = running_.find(client);
  if (found == running_.end()) return false;
  if (response.status() < 200) return true;
  auto node = running_.extract(found);
  Running& running = node.mapped();
  const trunk::Trunk* trunk = trunk_of(running.request.to.peer, services_.administration.trunks);
  if (trunk == nullptr || running.attempt > 0) return true;
  const auto credentials =
      answer_challenge(*trunk, response, running.request.to.target, TrunkCredentials{}, services_.random);
  if (!credentials) return true;
  ++running.attempt;
  ++running.request.to.last_cseq;
  send(std::move(running), *credentials);
  return true;
}

bool OwnRequests::on_ended(transaction::TransactionId client) { return running_.erase(client) > 0; }

}  // namespace proxy::core
