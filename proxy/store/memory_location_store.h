#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "proxy/store/location_store.h"

namespace proxy::store {

/// Registrations in this process. Answers at once.
class MemoryLocationStore final : public LocationStore {
 public:
  void load(const std::string& aor, common::Instant now, Done<Record> done) override;
  void replace(const std::string& aor, std::uint64_t revision, std::vector<Binding> bindings, Done<bool> done) override;
  void find_flow(const std::string& flow_id, common::Instant now, Done<std::optional<Binding>> done) override;
  void remove_if_same(const std::string& flow_id, Generation generation, transport::ConnectionId connection,
                      Done<bool> done) override;

  /// Puts a record in place of whatever there was, as another store of this registrar has it; no bindings: it is gone.
  void put(const std::string& aor, Record record);
  /// 0: there is no record.
  std::uint64_t revision(const std::string& aor) const;
  /// The address-of-record and the binding of a flow; nullopt: unknown.
  struct Named {
    std::string aor;
    Binding binding;
  };
  std::optional<Named> named(const std::string& flow_id) const;

  /// Drops expired bindings.
  void on_timeout(common::Instant now);
  std::optional<common::Instant> next_timeout() const;

  /// The bindings that came in over this connection of this process: candidates for remove_if_same when it closes.
  std::vector<Binding> on_connection(transport::ConnectionId connection) const;

  /// Everything, by address-of-record; for people and metrics.
  std::vector<Named> all() const;
  std::size_t size() const noexcept { return flows_.size(); }

 private:
  struct Place {
    std::string aor;
    Generation generation;
    transport::ConnectionId connection;
    common::Instant expires_at;
  };
  void index(const std::string& aor, const Binding& binding);
  void unindex(const Binding& binding);
  const Binding* at(const std::string& flow_id) const;
  void erase(const std::string& flow_id);

  std::map<std::string, Record> records_;
  std::unordered_map<std::string, Place> flows_;  // by flow id
  std::set<std::pair<common::Instant, std::string>> expiries_;
  std::set<std::pair<transport::ConnectionId, std::string>> connections_;
  std::uint64_t last_revision_ = 0;
  std::uint64_t last_generation_ = 0;
};

}  // namespace proxy::store
