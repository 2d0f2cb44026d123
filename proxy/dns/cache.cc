#include "proxy/dns/cache.h"

namespace proxy::dns {

std::optional<Cache::Answer> Cache::find(const std::string& name, common::Instant now) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return std::nullopt;
  if (found->second.by_expiry->first <= now) {
    erase(found);
    return std::nullopt;
  }
  return found->second.answer;
}

void Cache::put(const std::string& name, Answer answer, common::Instant expires_at) {
  if (const auto old = entries_.find(name); old != entries_.end()) erase(old);
  if (entries_.size() >= max_entries_ && !expiries_.empty()) erase(entries_.find(expiries_.begin()->second));
  entries_.emplace(name, Entry{std::move(answer), expiries_.emplace(expires_at, name)});
}

void Cache::erase(std::map<std::string, Entry>::iterator entry) {
  expiries_.erase(entry->second.by_expiry);
  entries_.erase(entry);
}

}  // namespace proxy::dns
