#include "proxy/store/memory_location_store.h"

#include <algorithm>

namespace proxy::store {
namespace {

/// Best first: RFC 3261 §16.6 (q), then the latest registration.
bool is_better(const Binding& a, const Binding& b) {
  if (a.q_thousandths != b.q_thousandths) return a.q_thousandths > b.q_thousandths;
  return a.generation > b.generation;
}

}  // namespace

void MemoryLocationStore::load(const std::string& aor, common::Instant now, Done<Record> done) {
  Record record;
  if (const auto found = records_.find(aor); found != records_.end()) record = found->second;
  std::erase_if(record.bindings, [&](const Binding& binding) { return binding.expires_at <= now; });
  std::sort(record.bindings.begin(), record.bindings.end(), is_better);
  done(std::move(record));
}

void MemoryLocationStore::replace(const std::string& aor, std::uint64_t revision, std::vector<Binding> bindings,
                                  Done<bool> done) {
  if (this->revision(aor) != revision) return done(false);
  for (Binding& binding : bindings) {
    if (binding.generation == Generation{}) binding.generation = Generation{++last_generation_};
  }
  put(aor, {++last_revision_, std::move(bindings)});
  done(true);
}

void MemoryLocationStore::put(const std::string& aor, Record record) {
  if (const auto found = records_.find(aor); found != records_.end()) {
    for (const Binding& old : found->second.bindings) unindex(old);
    records_.erase(found);
  }
  if (record.bindings.empty()) return;
  for (const Binding& binding : record.bindings) index(aor, binding);
  records_.emplace(aor, std::move(record));
}

std::uint64_t MemoryLocationStore::revision(const std::string& aor) const {
  const auto found = records_.find(aor);
  return found == records_.end() ? 0 : found->second.revision;
}

std::optional<MemoryLocationStore::Named> MemoryLocationStore::named(const std::string& flow_id) const {
  const Binding* binding = at(flow_id);
  if (binding == nullptr) return std::nullopt;
  return Named{flows_.at(flow_id).aor, *binding};
}

void MemoryLocationStore::find_flow(const std::string& flow_id, common::Instant now,
                                    Done<std::optional<Binding>> done) {
  const Binding* binding = at(flow_id);
  if (binding == nullptr || binding->expires_at <= now) return done(std::optional<Binding>{});
  done(std::optional<Binding>{*binding});
}

void MemoryLocationStore::remove_if_same(const std::string& flow_id, Generation generation,
                                         transport::ConnectionId connection, Done<bool> done) {
  const auto place = flows_.find(flow_id);
  const bool same =
      place != flows_.end() && place->second.generation == generation && place->second.connection == connection;
  if (same) {
    records_.at(place->second.aor).revision = ++last_revision_;
    erase(flow_id);
  }
  done(same);
}

void MemoryLocationStore::on_timeout(common::Instant now) {
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const std::string flow_id = expiries_.begin()->second;
    erase(flow_id);
  }
}

std::optional<common::Instant> MemoryLocationStore::next_timeout() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

std::vector<Binding> MemoryLocationStore::on_connection(transport::ConnectionId connection) const {
  std::vector<Binding> out;
  if (connection == transport::ConnectionId{}) return out;  // datagrams have none
  for (auto it = connections_.lower_bound({connection, ""}); it != connections_.end() && it->first == connection;
       ++it) {
    if (const Binding* binding = at(it->second)) out.push_back(*binding);
  }
  return out;
}

std::vector<MemoryLocationStore::Named> MemoryLocationStore::all() const {
  std::vector<Named> out;
  for (const auto& [aor, record] : records_) {
    for (const Binding& binding : record.bindings) out.push_back({aor, binding});
  }
  return out;
}

void MemoryLocationStore::index(const std::string& aor, const Binding& binding) {
  flows_.insert_or_assign(binding.flow_id, Place{aor, binding.generation, binding.flow.connection, binding.expires_at});
  expiries_.emplace(binding.expires_at, binding.flow_id);
  if (binding.flow.process == transport::ProcessId{}) connections_.emplace(binding.flow.connection, binding.flow_id);
}

void MemoryLocationStore::unindex(const Binding& binding) {
  flows_.erase(binding.flow_id);
  expiries_.erase({binding.expires_at, binding.flow_id});
  connections_.erase({binding.flow.connection, binding.flow_id});
}

const Binding* MemoryLocationStore::at(const std::string& flow_id) const {
  const auto place = flows_.find(flow_id);
  if (place == flows_.end()) return nullptr;
  for (const Binding& binding : records_.at(place->second.aor).bindings) {
    if (binding.flow_id == flow_id) return &binding;
  }
  return nullptr;
}

void MemoryLocationStore::erase(const std::string& flow_id) {
  const std::string aor = flows_.at(flow_id).aor;
  unindex(*at(flow_id));
  Record& record = records_.at(aor);
  std::erase_if(record.bindings, [&](const Binding& binding) { return binding.flow_id == flow_id; });
  if (record.bindings.empty()) records_.erase(aor);
}

}  // namespace proxy::store
