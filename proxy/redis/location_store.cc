#include "proxy/redis/location_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/log/log.h"

namespace proxy::redis {
namespace {

using namespace std::chrono_literals;
using common::Result;
using common::redis::Failure;
using common::redis::Reply;
using store::Binding;
using store::Generation;
using store::Record;

constexpr common::Duration kWriteTime = 500ms;  // a REGISTER may wait so long
constexpr common::Duration kReadTime = 3s;
constexpr int kTries = 4;  // against other writers of the same record
constexpr auto kBatch = "500";
constexpr std::size_t kPushes = 100;            // at a time
constexpr std::chrono::hours kMemoryOfNone{1};  // longer than a node is away without starting anew

/// How long a record stays in Redis.
std::chrono::milliseconds life_of(const std::vector<Binding>& bindings, common::Instant now) {
  const auto last = std::ranges::max_element(bindings, {}, &Binding::expires_at);
  if (last == bindings.end()) return kMemoryOfNone;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(last->expires_at - now), 1ms);
}

const Binding* find(const std::vector<Binding>& bindings, const std::string& flow_id) {
  const auto found = std::ranges::find(bindings, flow_id, &Binding::flow_id);
  return found == bindings.end() ? nullptr : &*found;
}

/// Their record with our changes in it; the later binding of a flow stands.
std::vector<Binding> merge(std::vector<Binding> theirs, const std::vector<Binding>& ours,
                           const std::set<std::string>& changed) {
  for (const std::string& flow_id : changed) {
    const Binding* here = find(ours, flow_id);
    const Binding* there = find(theirs, flow_id);
    if (here != nullptr && there != nullptr && there->generation > here->generation) continue;
    std::erase_if(theirs, [&](const Binding& binding) { return binding.flow_id == flow_id; });
    if (here != nullptr) theirs.push_back(*here);
  }
  return theirs;
}

}  // namespace

/// One reading of everything.
struct LocationStore::Scan {
  std::set<std::string> unseen;  // in the copy when it began, and not met since
};

LocationStore::LocationStore(common::event::Loop& loop, common::redis::Client& client, const KeyNames& keys,
                             store::MemoryLocationStore& copy, Events events)
    : loop_(loop),
      client_(client),
      keys_(keys),
      copy_(copy),
      events_(std::move(events)),
      start_(loop, [this](common::Instant) {
        running_ = std::make_shared<Scan>();
        for (const auto& named : copy_.all()) running_->unseen.insert(named.aor);
        scan(running_, "0");
      }) {}

void LocationStore::load(const std::string& aor, common::Instant now, Done<Record> done) {
  copy_.load(aor, now, std::move(done));
}

void LocationStore::find_flow(const std::string& flow_id, common::Instant now, Done<std::optional<Binding>> done) {
  copy_.find_flow(flow_id, now, std::move(done));
}

void LocationStore::replace(const std::string& aor, std::uint64_t revision, std::vector<Binding> bindings,
                            Done<bool> done) {
  if (copy_.revision(aor) != revision) return done(false);
  write(aor, revision, std::move(bindings),
        [done = std::move(done)](Written written) { done(written != Written::TooLate); });
}

/// The new revision is beyond the old one and beyond any of a record that has expired meanwhile.
void LocationStore::write(const std::string& aor, std::uint64_t expected, std::vector<Binding> bindings,
                          std::function<void(Written)> done) {
  const Frame frame = events_.frame();
  const auto wall = static_cast<std::uint64_t>(frame.wall.time_since_epoch().count());
  Record record{std::max(expected + 1, wall), std::move(bindings)};
  for (Binding& binding : record.bindings) {
    if (binding.generation == Generation{}) binding.generation = Generation{record.revision};
  }
  const common::redis::Command command{"FCALL",
                                       "causeway_replace_bindings_1",
                                       "1",
                                       keys_.bindings_of(aor),
                                       std::to_string(expected),
                                       std::to_string(record.revision),
                                       std::to_string(life_of(record.bindings, frame.now).count()),
                                       to_text(record.bindings, frame),
                                       keys_.binding_changes(),
                                       aor};
  client_.call(command, kWriteTime,
               [this, alive = alive_, aor, record = std::move(record), done = std::move(done)](const auto& reply) {
                 if (!*alive) return;
                 done(on_written(aor, record, reply));
                 events_.on_completed();
               });
}

LocationStore::Written LocationStore::on_written(const std::string& aor, Record record,
                                                 const Result<Reply, Failure>& reply) {
  const auto* parts = reply ? reply->array() : nullptr;
  if (parts == nullptr || parts->size() < 2) {
    if (reply && reply->error()) {
      common::log::warn("redis.refused", {{"what", "bindings"}, {"reason", reply->error()->text}});
    }
    write_offline(aor, std::move(record));
    return Written::Here;
  }
  if (parts->front().integer() == 1) {
    record.revision = static_cast<std::uint64_t>((*parts)[1].integer().value_or(0));
    copy_.put(aor, std::move(record));
    return Written::InRedis;
  }
  ++counters_.conflicts;
  if (parts->size() == 3) {
    if (auto theirs = read_record((*parts)[1], (*parts)[2])) take_over(aor, std::move(*theirs));
  }
  return Written::TooLate;
}

void LocationStore::write_offline(const std::string& aor, Record record) {
  ++counters_.offline;
  std::set<std::string>& changed = offline_[aor];
  copy_.load(aor, {}, [&](const auto& before) {
    for (const Binding& old : before->bindings) {
      const Binding* now = find(record.bindings, old.flow_id);
      if (now == nullptr || now->generation != old.generation) changed.insert(old.flow_id);
    }
    for (const Binding& binding : record.bindings) {
      if (find(before->bindings, binding.flow_id) == nullptr) changed.insert(binding.flow_id);
    }
  });
  copy_.put(aor, std::move(record));
}

void LocationStore::take_over(const std::string& aor, Record record) {
  copy_.put(aor, std::move(record));
  if (running_) running_->unseen.erase(aor);
  events_.on_changed(aor);
}

std::optional<Record> LocationStore::read_record(const Reply& revision, const Reply& bindings) {
  const auto number = revision.integer();
  const std::string* text = bindings.text();
  auto read = number && *number >= 0 && text != nullptr ? read_bindings(*text, events_.frame()) : std::nullopt;
  if (!read) {
    ++counters_.unreadable;
    return std::nullopt;
  }
  return Record{static_cast<std::uint64_t>(*number), std::move(*read)};
}

void LocationStore::remove_if_same(const std::string& flow_id, Generation generation,
                                   transport::ConnectionId connection, Done<bool> done) {
  remove_if_same(flow_id, generation, connection, kTries, std::move(done));
}

void LocationStore::remove_if_same(const std::string& flow_id, Generation generation,
                                   transport::ConnectionId connection, int tries, Done<bool> done) {
  const auto found = copy_.named(flow_id);
  const bool same = found && found->binding.generation == generation &&
                    found->binding.flow.process == transport::ProcessId{} &&
                    found->binding.flow.connection == connection;
  if (!same || tries == 0) return done(false);
  copy_.load(found->aor, {}, [&](auto record) {
    std::erase_if(record->bindings, [&](const Binding& binding) { return binding.flow_id == flow_id; });
    write(found->aor, record->revision, std::move(record->bindings),
          [this, flow_id, generation, connection, tries, done = std::move(done)](Written written) {
            if (written != Written::TooLate) return done(true);
            remove_if_same(flow_id, generation, connection, tries - 1, done);
          });
  });
}

void LocationStore::on_message(const std::string& channel, const std::string& text) {
  if (channel != keys_.binding_changes()) return;
  std::string_view rest = text;
  const std::string aor{common::take_until(rest, '\n')};
  const std::string revision{common::take_until(rest, '\n')};
  auto record = read_record({revision}, {std::string{rest}});
  if (!record || record->revision <= copy_.revision(aor) || offline_.contains(aor)) return;
  take_over(aor, std::move(*record));
}

void LocationStore::on_listening() {
  synchronised_ = false;
  start_.schedule(loop_.now());
}

void LocationStore::scan(const std::shared_ptr<Scan>& scan, const std::string& cursor) {
  client_.call({"SCAN", cursor, "MATCH", keys_.all_bindings(), "COUNT", kBatch}, kReadTime,
               [this, alive = alive_, scan](const Result<Reply, Failure>& reply) {
                 if (!*alive || scan != running_) return;
                 const auto* parts = reply ? reply->array() : nullptr;
                 if (parts == nullptr || parts->size() != 2) return start_.schedule(loop_.now() + 1s);
                 on_scanned(scan, *reply);
               });
}

void LocationStore::on_scanned(const std::shared_ptr<Scan>& scan, const Reply& reply) {
  const auto& parts = *reply.array();
  const std::string* cursor = parts[0].text();
  const auto* keys = parts[1].array();
  if (cursor == nullptr || keys == nullptr) return;
  read_batch(scan, *keys, *cursor);
}

/// One answer in order for each key, then the next batch.
void LocationStore::read_batch(const std::shared_ptr<Scan>& scan, const Reply::Array& keys, const std::string& cursor) {
  for (const Reply& key : keys) {
    const std::string aor = key.text() != nullptr ? keys_.aor_of(*key.text()) : std::string{};
    if (aor.empty()) continue;
    client_.call({"HMGET", *key.text(), "revision", "bindings"}, kReadTime,
                 [this, alive = alive_, aor, scan](const Result<Reply, Failure>& reply) {
                   if (!*alive || scan != running_) return;
                   const auto* fields = reply ? reply->array() : nullptr;
                   if (fields == nullptr || fields->size() != 2 || (*fields)[0].is_nil()) return;
                   auto record = read_record((*fields)[0], (*fields)[1]);
                   if (!record) return;
                   scan->unseen.erase(aor);
                   if (record->revision > copy_.revision(aor) && !offline_.contains(aor)) {
                     take_over(aor, std::move(*record));
                   }
                 });
  }
  if (cursor != "0") return this->scan(scan, cursor);
  client_.call({"PING"}, kReadTime, [this, alive = alive_, scan](const Result<Reply, Failure>& reply) {
    if (!*alive || scan != running_) return;
    if (!reply) return start_.schedule(loop_.now() + 1s);
    finish(*scan);
  });
}

/// What Redis does not know although it has not expired was lost there, by a restart or a failover.
void LocationStore::finish(const Scan& scan) {
  for (const std::string& aor : scan.unseen) {
    copy_.load(aor, {}, [&](const auto& ours) {
      for (const Binding& binding : ours->bindings) offline_[aor].insert(binding.flow_id);
    });
  }
  running_.reset();
  synchronised_ = true;
  common::log::info("redis.synchronised", {{"bindings", copy_.size()}, {"to_write", offline_.size()}});
  to_push_.clear();
  for (const auto& [aor, changed] : offline_) to_push_.push_back(aor);
  for (std::size_t i = 0; i < kPushes; ++i) push_next();
}

void LocationStore::push_next() {
  while (!to_push_.empty()) {
    const std::string aor = std::move(to_push_.back());
    to_push_.pop_back();
    const auto changed = offline_.find(aor);
    if (changed == offline_.end()) continue;
    copy_.load(aor, events_.frame().now,
               [&](const auto& ours) { push({aor, ours->bindings, changed->second}, kTries); });
    return;
  }
}

/// Brings what has changed here without Redis into the record that is there; what fails is kept for the next time.
void LocationStore::push(const Changes& ours, int tries) {
  if (tries == 0) return;
  client_.call({"HMGET", keys_.bindings_of(ours.aor), "revision", "bindings"}, kReadTime,
               [this, alive = alive_, ours, tries](const Result<Reply, Failure>& reply) {
                 if (!*alive) return;
                 const auto* fields = reply ? reply->array() : nullptr;
                 if (fields == nullptr || fields->size() != 2) return;
                 std::optional<Record> theirs{Record{}};
                 if (!(*fields)[0].is_nil()) theirs = read_record((*fields)[0], (*fields)[1]);
                 if (!theirs) return;
                 write(ours.aor, theirs->revision, merge(std::move(theirs->bindings), ours.bindings, ours.flow_ids),
                       [this, ours, tries](Written written) {
                         if (written == Written::TooLate) return push(ours, tries - 1);
                         if (written == Written::InRedis) offline_.erase(ours.aor);
                         push_next();
                       });
               });
}

}  // namespace proxy::redis
