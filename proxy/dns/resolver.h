#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"
#include "common/time/instant.h"

struct event_base;

namespace proxy::dns {

enum class DnsError : std::uint8_t { NotFound, Timeout, ServerFailure, BadName };

using Addresses = std::vector<common::IpAddress>;
using AddressesDone = std::function<void(common::Result<Addresses, DnsError>)>;

/// A and AAAA lookups on an event loop, with a cache bounded in entries and by the records' own TTL. A literal address
/// answers itself. Belongs to the thread of its loop. Completions run from the loop, or at once on a cache hit; those
/// still waiting when the resolver is destroyed never run.
class Resolver {
 public:
  struct Settings {
    std::vector<common::SocketAddress> servers;          // empty: the system's
    common::Duration timeout = std::chrono::seconds{2};  // per try
    int tries = 2;
    std::size_t max_entries = 4096;
    common::Duration max_ttl = std::chrono::hours{1};
    common::Duration negative_ttl = std::chrono::seconds{10};
  };

  Resolver(event_base* loop, Settings settings);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// IPv4 addresses before IPv6 addresses, each in the server's order.
  void lookup(const std::string& name, AddressesDone done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxy::dns
