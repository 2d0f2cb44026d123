#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/time/instant.h"
#include "proxy/dns/records.h"

namespace proxy::dns {

/// Outcomes by name until their TTL ends, also the negative ones (RFC 2308); records for a day longer, for when the
/// servers are silent (RFC 8767). When full, the entry that would expire first goes.
template <class Records>
class Cache {
 public:
  static constexpr common::Duration kStale = std::chrono::hours{24};

  explicit Cache(std::size_t max_entries) : max_entries_(max_entries) {}

  std::optional<Outcome<Records>> find(const std::string& name, common::Instant now) const {
    const auto found = entries_.find(name);
    if (found == entries_.end() || found->second.fresh_until <= now) return std::nullopt;
    return found->second.outcome;
  }

  void put(const std::string& name, Outcome<Records> outcome, common::Instant fresh_until) {
    const common::Instant usable_until = outcome ? fresh_until + kStale : fresh_until;
    insert(name, {std::move(outcome), fresh_until, usable_until, {}});
  }

  /// Makes records that have expired fresh again until then; nullopt: there are none that may still be used.
  std::optional<Records> revive(const std::string& name, common::Instant now, common::Instant fresh_until) {
    if (!has_stale(name, now)) return std::nullopt;
    const auto found = entries_.find(name);
    Entry entry = std::move(found->second);
    entry.fresh_until = fresh_until;
    Records records = *entry.outcome;
    expiries_.erase(entry.by_expiry);
    entries_.erase(found);
    insert(name, std::move(entry));
    return records;
  }

  /// True if revive() would give something.
  bool has_stale(const std::string& name, common::Instant now) const {
    const auto found = entries_.find(name);
    return found != entries_.end() && found->second.outcome && found->second.usable_until > now;
  }

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  using Expiries = std::multimap<common::Instant, std::string>;
  struct Entry {
    Outcome<Records> outcome;
    common::Instant fresh_until;
    common::Instant usable_until;
    Expiries::iterator by_expiry;
  };

  void insert(const std::string& name, Entry entry) {
    erase(name);
    if (entries_.size() >= max_entries_ && !expiries_.empty()) erase(std::string{expiries_.begin()->second});
    entry.by_expiry = expiries_.emplace(entry.fresh_until, name);
    entries_.emplace(name, std::move(entry));
  }

  void erase(const std::string& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return;
    expiries_.erase(found->second.by_expiry);
    entries_.erase(found);
  }

  std::size_t max_entries_;
  std::map<std::string, Entry> entries_;
  Expiries expiries_;
};

}  // namespace proxy::dns
