#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "relay/control/call.h"

namespace relay::control {

/// One line of `list` for people.
struct CallSummary {
  std::string call_id;
  std::size_t shard = 0;
  std::size_t branches = 0;
  bool answered = false;
  common::WallTime created;
};

/// Every call of this relay, by its Call-ID and by its session, and how many of them each shard has.
class CallTable {
 public:
  explicit CallTable(std::size_t shards) : by_shard_(shards) {}

  /// Nullptr: there is none.
  std::shared_ptr<Call> find(std::string_view call_id) const;
  std::shared_ptr<Call> find(session::SessionId session) const;
  /// Its Call-ID must not be there yet.
  void add(const std::shared_ptr<Call>& call);
  /// The caller shares `call`, which ends here otherwise.
  void remove(const Call& call);

  bool empty() const noexcept { return by_id_.empty(); }
  std::size_t size() const noexcept { return by_id_.size(); }
  /// Not empty().
  const std::shared_ptr<Call>& first() const noexcept { return by_id_.begin()->second; }
  /// Of at most `limit` calls, in the order of their Call-IDs.
  std::vector<CallSummary> summaries(std::size_t limit) const;
  /// Every shard, that with the fewest calls first.
  std::vector<std::size_t> shards_by_load() const;

 private:
  std::map<std::string, std::shared_ptr<Call>, std::less<>> by_id_;  // shared with who waits for a last report
  std::unordered_map<session::SessionId, std::shared_ptr<Call>> by_session_;
  std::vector<std::size_t> by_shard_;
};

}  // namespace relay::control
