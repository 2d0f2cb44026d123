#include "proxy/core/trunk_probes.h"

#include "proxy/core/hop.h"
#include "proxy/core/own_dialog.h"

namespace proxy::core {
namespace {

constexpr std::size_t kIdBytes = 12;
constexpr common::Duration kPatience = std::chrono::seconds{4};

}  // namespace

void TrunkProbes::on_timeout(common::Instant now) {
  for (const transaction::TransactionId late : deadlines_.expire(now)) {
    services_.trunk_health.on_probe(running_.at(late), false, now);
    running_.erase(late);
  }
  for (const trunk::Place& place : services_.trunk_health.take_due_probes(now)) send(place, now);
}

void TrunkProbes::send(const trunk::Place& place, common::Instant now) {
  const trunk::Trunk* trunk = services_.administration.trunks.find(place.trunk);
  const auto egress = services_.listeners.find(place.kind, place.remote.ip.family());
  if (trunk == nullptr || !egress) return;
  const std::string ours = "sip:" + services_.listeners.domain();
  OwnRequest probe;
  probe.method = "OPTIONS";
  probe.call_id = services_.random.hex(kIdBytes);
  probe.from = '<' + ours + ">;tag=" + services_.random.hex(kIdBytes);
  probe.to.target = trunk->uri({});
  probe.to.party = '<' + probe.to.target + '>';
  probe.to.last_cseq = 1;
  const transaction::Hop hop = hop_to(*trunk, place.kind, place.remote, *egress);
  const auto client = services_.table.send_request(make_own_request(probe, hop, services_), hop, now);
  if (!client) return;
  running_.emplace(*client, place);
  deadlines_.schedule(*client, now + kPatience);
}

bool TrunkProbes::on_response(transaction::TransactionId client, const sip::Message& response) {
  const auto found = running_.find(client);
  if (found == running_.end()) return false;
  if (response.status() < 200) return true;
  services_.trunk_health.on_probe(found->second, response.status() != 503, services_.now());
  deadlines_.cancel(client);
  running_.erase(found);
  return true;
}

bool TrunkProbes::on_ended(transaction::TransactionId client) {
  const auto found = running_.find(client);
  if (found == running_.end()) return false;
  services_.trunk_health.on_probe(found->second, false, services_.now());
  deadlines_.cancel(client);
  running_.erase(found);
  return true;
}

}  // namespace proxy::core
