#include "proxy/transport/connection_table.h"

#include <algorithm>
#include <array>
#include <utility>

namespace proxy::transport {
namespace {

/// What counts as one source: an address, or the /64 that one IPv6 host can choose from.
common::IpAddress source_of(const common::IpAddress& address) {
  if (address.is_v4()) return address;
  std::array<std::uint8_t, 16> octets{};
  std::copy_n(address.octets().begin(), 8, octets.begin());
  return common::IpAddress::v6(octets);
}

}  // namespace

std::string certificate_name(const Destination& destination) {
  if (destination.kind != Kind::Tls) return {};
  return destination.tls_name.empty() ? destination.remote.ip.to_string() : destination.tls_name;
}

ConnectionTable::Target ConnectionTable::target_of(const Connection& connection) {
  return {connection.flow().kind, connection.flow().remote, connection.tls_name()};
}

std::optional<Refusal> ConnectionTable::refusal_of(const common::SocketAddress& remote) const {
  if (is_full()) return Refusal::TooManyConnections;
  const auto source = per_source_.find(source_of(remote.ip));
  const std::size_t from_source = source == per_source_.end() ? 0 : source->second;
  if (from_source >= limits_.max_connections_per_source) return Refusal::TooManyFromSource;
  return std::nullopt;
}

Connection& ConnectionTable::add(std::unique_ptr<Connection> owned) {
  Connection& connection = *owned;
  const Flow& flow = connection.flow();
  if (connection.is_outgoing())
    by_target_[target_of(connection)] = flow.connection;
  else
    ++per_source_[source_of(flow.remote.ip)];
  connections_.emplace(flow.connection, std::move(owned));
  return connection;
}

void ConnectionTable::offer_way_back(const Connection& connection) {
  by_target_[target_of(connection)] = connection.flow().connection;
}

std::unique_ptr<Connection> ConnectionTable::remove(ConnectionId id) {
  auto node = connections_.extract(id);
  if (node.empty()) return nullptr;
  std::unique_ptr<Connection> connection = std::move(node.mapped());
  const auto target = by_target_.find(target_of(*connection));
  if (target != by_target_.end() && target->second == id) by_target_.erase(target);
  if (!connection->is_outgoing()) forget_source(connection->flow().remote.ip);
  return connection;
}

void ConnectionTable::forget_source(const common::IpAddress& address) {
  const auto found = per_source_.find(source_of(address));
  if (found != per_source_.end() && --found->second == 0) per_source_.erase(found);
}

Connection* ConnectionTable::find(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

Connection* ConnectionTable::find(const Destination& destination) const {
  const auto target = by_target_.find(Target{destination.kind, destination.remote, certificate_name(destination)});
  if (target == by_target_.end()) return nullptr;
  Connection* connection = find(target->second);
  return connection->takes_messages() ? connection : nullptr;
}

std::vector<Connection*> ConnectionTable::all() const {
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) all.push_back(connection.get());
  return all;
}

}  // namespace proxy::transport
