#include "proxy/trunk/trunk.h"

#include <algorithm>

namespace proxy::trunk {

const Trunk* TrunkTable::find(std::string_view name) const noexcept {
  const auto found = std::find_if(trunks_.begin(), trunks_.end(), [&](const Trunk& t) { return t.name == name; });
  return found == trunks_.end() ? nullptr : &*found;
}

const Trunk* TrunkTable::by_source(const common::IpAddress& source) const {
  for (const Trunk& trunk : trunks_) {
    const auto inside = [&](const common::Cidr& block) { return block.contains(source); };
    if (std::any_of(trunk.sources.begin(), trunk.sources.end(), inside)) return &trunk;
  }
  for (const Trunk& trunk : trunks_) {
    if (trunk.sources.empty() && is_host_address(trunk, source)) return &trunk;
  }
  return nullptr;
}

bool TrunkTable::owns(const Trunk& trunk, const common::IpAddress& address) const {
  const auto inside = [&](const common::Cidr& block) { return block.contains(address); };
  return std::any_of(trunk.sources.begin(), trunk.sources.end(), inside) || is_host_address(trunk, address);
}

bool TrunkTable::is_host_address(const Trunk& trunk, const common::IpAddress& source) const {
  if (const auto literal = common::IpAddress::parse(trunk.host)) return *literal == source;
  for (const Learnt& learnt : learnt_) {
    if (learnt.trunk != trunk.name) continue;
    return std::find(learnt.addresses.begin(), learnt.addresses.end(), source) != learnt.addresses.end();
  }
  return false;
}

void TrunkTable::learn_addresses(std::string_view name, std::vector<common::IpAddress> addresses) {
  const auto known = std::find_if(learnt_.begin(), learnt_.end(), [&](const Learnt& l) { return l.trunk == name; });
  if (known != learnt_.end()) {
    known->addresses = std::move(addresses);
  } else {
    learnt_.push_back({std::string{name}, std::move(addresses)});
  }
}

std::optional<std::string> TrunkTable::inbound_user(const Trunk& trunk, std::string_view number) const {
  if (trunk.inbound.empty()) return std::string{number};
  for (const InboundRule& rule : trunk.inbound) {
    if (rule.pattern.matches(number)) return rule.user;
  }
  return std::nullopt;
}

}  // namespace proxy::trunk
