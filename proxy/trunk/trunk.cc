#include "proxy/trunk/trunk.h"

#include <algorithm>

#include "common/base/text.h"
#include "proxy/sip/uri.h"

namespace proxy::trunk {

std::string Trunk::uri(std::string_view number, bool sips) const {
  const auto literal = common::IpAddress::parse(host);
  std::string uri = sips ? "sips:" : "sip:";
  if (!number.empty()) uri.append(sip::escape_user(number)).append("@");
  uri.append(literal ? literal->to_uri_host() : host);
  if (port != 0) uri.append(":").append(std::to_string(port));
  const bool names_transport = !sips && transport && *transport != transport::Kind::Udp;
  if (names_transport) uri.append(";transport=").append(transport::to_string(*transport));
  if (user_phone && routing::looks_like_number(number)) uri.append(";user=phone");
  return uri;
}

const Trunk* TrunkTable::find(std::string_view name) const noexcept {
  const auto found = std::find_if(trunks_.begin(), trunks_.end(), [&](const Trunk& t) { return t.name == name; });
  return found == trunks_.end() ? nullptr : &*found;
}

const Trunk* TrunkTable::registrar_of(std::string_view domain) const noexcept {
  const auto found = std::ranges::find_if(trunks_, [domain](const Trunk& trunk) {
    return std::ranges::any_of(trunk.registrar_of,
                               [domain](const std::string& name) { return common::iequals(name, domain); });
  });
  return found == trunks_.end() ? nullptr : &*found;
}

const Trunk* TrunkTable::by_source(const common::IpAddress& source) const {
  for (const Trunk& trunk : trunks_) {
    const auto inside = [&](const common::Cidr& block) { return block.contains(source); };
    if (!trunk.tls_subjects.empty()) continue;
    if (std::any_of(trunk.sources.begin(), trunk.sources.end(), inside)) return &trunk;
  }
  for (const Trunk& trunk : trunks_) {
    if (trunk.tls_subjects.empty() && trunk.sources.empty() && is_host_address(trunk, source)) return &trunk;
  }
  return nullptr;
}

const Trunk* TrunkTable::by_certificate(const std::function<bool(std::string_view)>& peer_is,
                                        const common::IpAddress& source) const {
  const auto inside = [&](const common::Cidr& block) { return block.contains(source); };
  const auto found = std::ranges::find_if(trunks_, [&](const Trunk& trunk) {
    const bool may_call = trunk.sources.empty() || std::ranges::any_of(trunk.sources, inside);
    return may_call && std::ranges::any_of(trunk.tls_subjects, peer_is);
  });
  return found == trunks_.end() ? nullptr : &*found;
}

bool TrunkTable::owns(const Trunk& trunk, const common::IpAddress& address) const {
  const auto inside = [&](const common::Cidr& block) { return block.contains(address); };
  return std::any_of(trunk.sources.begin(), trunk.sources.end(), inside) || is_host_address(trunk, address);
}

bool TrunkTable::is_host_address(const Trunk& trunk, const common::IpAddress& source) const {
  if (const auto literal = common::IpAddress::parse(trunk.host)) return *literal == source;
  return std::ranges::any_of(places_of(trunk), [&](const auto& place) { return place.remote.ip == source; });
}

const next_hop::Candidates& TrunkTable::places_of(const Trunk& trunk) const {
  static const next_hop::Candidates kNone;
  const auto known = std::ranges::find(learnt_, trunk.name, &Learnt::trunk);
  return known == learnt_.end() ? kNone : known->places;
}

bool TrunkTable::is_looked_for(std::string_view name, const next_hop::Wanted& wanted) const {
  const Trunk* trunk = find(name);
  return trunk != nullptr && trunk->wanted() == wanted;
}

void TrunkTable::keep_learnt(const TrunkTable& other) {
  learnt_ = other.learnt_;
  std::erase_if(learnt_, [&](const Learnt& learnt) { return !is_looked_for(learnt.trunk, learnt.wanted); });
}

void TrunkTable::learn(const Trunk& trunk, next_hop::Candidates places) {
  if (!is_looked_for(trunk.name, trunk.wanted())) return;
  std::erase_if(learnt_, [&](const Learnt& learnt) { return learnt.trunk == trunk.name; });
  learnt_.push_back({trunk.name, trunk.wanted(), std::move(places)});
}

common::SocketAddress TrunkTable::listening_at(const Trunk& trunk, const common::IpAddress& source,
                                               transport::Kind kind) const {
  for (const next_hop::Candidate& place : places_of(trunk)) {
    if (place.kind == kind && place.remote.ip == source) return place.remote;
  }
  return {source, {trunk.port != 0 ? trunk.port : transport::default_port(kind)}};
}

std::optional<std::string> TrunkTable::inbound_user(const Trunk& trunk, std::string_view number) const {
  if (trunk.inbound.empty()) return std::string{number};
  for (const InboundRule& rule : trunk.inbound) {
    if (rule.pattern.matches(number)) return rule.user;
  }
  return std::nullopt;
}

}  // namespace proxy::trunk
