#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/time/instant.h"
#include "proxy/dns/resolver.h"

namespace proxy::dns {

/// Answers by name until their TTL ends, also the negative ones (RFC 2308). When full, the entry that would expire
/// first goes.
class Cache {
 public:
  using Answer = common::Result<Addresses, DnsError>;

  explicit Cache(std::size_t max_entries) : max_entries_(max_entries) {}

  std::optional<Answer> find(const std::string& name, common::Instant now);
  void put(const std::string& name, Answer answer, common::Instant expires_at);
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    Answer answer;
    std::multimap<common::Instant, std::string>::iterator by_expiry;
  };
  void erase(std::map<std::string, Entry>::iterator entry);

  std::size_t max_entries_;
  std::map<std::string, Entry> entries_;
  std::multimap<common::Instant, std::string> expiries_;
};

}  // namespace proxy::dns
