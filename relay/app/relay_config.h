#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/config/load.h"
#include "common/config/schema.h"
#include "common/net/address.h"
#include "common/time/instant.h"
#include "relay/control/port_allocator.h"

/// The configuration of causeway-relay as values, and the table that declares it for flags, file and reference.
namespace relay::app {

struct RelaySection {
  std::vector<control::Interface> interfaces;
  std::uint16_t port_min = 30000;
  std::uint16_t port_max = 40000;
  std::uint32_t num_threads = 0;   // 0: one per processor
  std::uint32_t max_sessions = 0;  // 0: as many as there are ports
  common::Duration timeout = std::chrono::seconds{60};
  common::Duration drain_timeout = std::chrono::seconds{60};
  bool ice_lite = false;
  std::string log_level = "info";
};

struct NgSection {
  common::SocketAddress listen = {common::IpAddress::v4({127, 0, 0, 1}), common::Port{2223}};
  std::vector<common::Cidr> peers;
};

struct HttpSection {
  common::SocketAddress listen = {common::IpAddress::v4({127, 0, 0, 1}), common::Port{8081}};
  std::string token;
};

struct RelayConfig {
  RelaySection relay;
  NgSection ng;
  HttpSection http;

  std::size_t threads() const noexcept;
  /// Who may send ng requests; loopback if nobody is named.
  std::vector<common::Cidr> ng_peers() const;
};

constexpr std::string_view kEnvironmentPrefix = "CAUSEWAY_RELAY";

/// Every table and key.
const common::config::Table<RelayConfig>& declared_configuration();

/// A whole, checked configuration or every problem of it.
[[nodiscard]] common::Result<RelayConfig, common::config::Problems> load_configuration(
    const common::config::Source& source, const std::vector<common::config::Override>& overrides);

}  // namespace relay::app
