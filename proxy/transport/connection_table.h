#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "proxy/transport/connection.h"

namespace proxy::transport {

/// The domain or address for which the peer's certificate must be valid, RFC 5922 §4; empty: the kind has none to
/// check. Without a domain the certificate has to name the address.
std::string certificate_name(const Destination& destination);

/// All connections of a transport layer: owned, found by id and by where they lead, and counted against the limits.
class ConnectionTable {
 public:
  /// `limits` is borrowed.
  explicit ConnectionTable(const Limits& limits) noexcept : limits_(limits) {}

  /// Never given twice.
  ConnectionId next_id() noexcept { return ConnectionId{++last_id_}; }

  bool is_full() const noexcept { return connections_.size() >= limits_.max_connections; }
  /// Why a connection from `remote` must be turned away; nullopt: there is room for it.
  std::optional<Refusal> refusal_of(const common::SocketAddress& remote) const;

  /// One that a listener accepted counts for its source; one that we open is found at once by where it leads.
  Connection& add(std::unique_ptr<Connection> connection);
  /// What a peer of ours opened is set up: it serves the way back too. Where a certificate's name counts it is never
  /// found, as it proves none, RFC 5923 §5.
  void offer_way_back(const Connection& connection);
  /// Forgets it and hands it over; nullptr: there is none.
  std::unique_ptr<Connection> remove(ConnectionId id);

  /// nullptr: there is none.
  Connection* find(ConnectionId id) const;
  /// One that leads there and takes messages; nullptr: there is none.
  Connection* find(const Destination& destination) const;
  std::vector<Connection*> all() const;

 private:
  /// Where a connection leads; the certificate's name is part of it.
  using Target = std::tuple<Kind, common::SocketAddress, std::string>;
  static Target target_of(const Connection& connection);
  void forget_source(const common::IpAddress& address);

  const Limits& limits_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<ConnectionId, std::unique_ptr<Connection>> connections_;
  std::map<Target, ConnectionId> by_target_;
  std::unordered_map<common::IpAddress, std::size_t> per_source_;
};

}  // namespace proxy::transport
