#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/net/address.h"
#include "common/time/instant.h"
#include "proxy/dns/records.h"

struct event_base;

namespace proxy::dns {

/// Lookups on an event loop, with caches bounded in entries and by the records' own TTL. When servers fail, records
/// that have expired serve for up to a day (RFC 8767); where there are such, nobody waits longer than 400 ms. Belongs
/// to the thread of its loop. Completions run from the loop, or at once on a cache hit; those still waiting when the
/// resolver is destroyed never run.
class Resolver {
 public:
  struct Settings {
    std::vector<common::SocketAddress> servers;          // empty: the system's
    common::Duration timeout = std::chrono::seconds{2};  // per try
    int tries = 2;
    std::size_t max_entries = 4096;  // of each type of record
    common::Duration max_ttl = std::chrono::hours{1};
    common::Duration negative_ttl = std::chrono::seconds{10};  // where the server does not say
    common::Duration max_negative_ttl = std::chrono::minutes{5};
  };

  Resolver(event_base* loop, Settings settings);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// A and AAAA, or the system's hosts file: IPv4 before IPv6, each in the server's order. A literal address answers
  /// itself.
  void lookup(const std::string& name, Done<Addresses> done);
  void srv(const std::string& name, Done<SrvRecords> done);
  void naptr(const std::string& name, Done<NaptrRecords> done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxy::dns
