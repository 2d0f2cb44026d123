#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/event/timer.h"
#include "common/redis/client.h"
#include "proxy/redis/binding_text.h"
#include "proxy/redis/keys.h"
#include "proxy/store/memory_location_store.h"

namespace proxy::redis {

/// Registrations that all nodes of a pair share. Redis has the truth; every node holds a copy of all of it, which every
/// reading is answered from at once, and hears of each change as it happens. Writing compares revisions in Redis.
/// While Redis is away the copy is the truth of this node: registrations go on, and what has changed meanwhile is
/// written when Redis is back. Belongs to the thread of its loop.
class LocationStore final : public store::LocationStore {
 public:
  struct Events {
    /// Bindings of this address-of-record came, changed or went on another node.
    std::function<void(const std::string& aor)> on_changed;
    /// A completion has run later than the call it belongs to.
    std::function<void()> on_completed;
    std::function<Frame()> frame;
  };
  struct Counters {
    std::uint64_t conflicts = 0;  // writes that somebody else's came before
    std::uint64_t offline = 0;    // writes without Redis
    std::uint64_t unreadable = 0;
  };

  /// `client` and `copy` outlive the store.
  LocationStore(common::event::Loop& loop, common::redis::Client& client, const KeyNames& keys,
                store::MemoryLocationStore& copy, Events events);

  void load(const std::string& aor, common::Instant now, Done<store::Record> done) override;
  void replace(const std::string& aor, std::uint64_t revision, std::vector<store::Binding> bindings,
               Done<bool> done) override;
  void find_flow(const std::string& flow_id, common::Instant now, Done<std::optional<store::Binding>> done) override;
  void remove_if_same(const std::string& flow_id, store::Generation generation, transport::ConnectionId connection,
                      Done<bool> done) override;

  /// Changes are heard of from now on: reads everything, bit by bit, and brings both sides together.
  void on_listening();
  /// Nothing is heard of any more.
  void on_lost() { synchronised_ = false; }
  void on_message(const std::string& channel, const std::string& text);

  /// Everything has been read since the changes are heard of.
  bool is_synchronised() const noexcept { return synchronised_; }
  const Counters& counters() const noexcept { return counters_; }

 private:
  struct Scan;
  struct Changes {
    std::string aor;
    std::vector<store::Binding> bindings;
    std::set<std::string> flow_ids;  // of them, and of those that are gone
  };
  enum class Written : std::uint8_t { InRedis, Here, TooLate };
  void write(const std::string& aor, std::uint64_t expected, std::vector<store::Binding> bindings,
             std::function<void(Written)> done);
  Written on_written(const std::string& aor, store::Record record,
                     const common::Result<common::redis::Reply, common::redis::Failure>& reply);
  void write_offline(const std::string& aor, store::Record record);
  void take_over(const std::string& aor, store::Record record);
  std::optional<store::Record> read_record(const common::redis::Reply& revision, const common::redis::Reply& bindings);
  void remove_if_same(const std::string& flow_id, store::Generation generation, transport::ConnectionId connection,
                      int tries, Done<bool> done);
  void scan(const std::shared_ptr<Scan>& scan, const std::string& cursor);
  void on_scanned(const std::shared_ptr<Scan>& scan, const common::redis::Reply& reply);
  void read_batch(const std::shared_ptr<Scan>& scan, const common::redis::Reply::Array& keys,
                  const std::string& cursor);
  void finish(const Scan& scan);
  void push_next();
  void push(const Changes& ours, int tries);

  common::event::Loop& loop_;
  common::redis::Client& client_;
  KeyNames keys_;
  store::MemoryLocationStore& copy_;
  Events events_;
  Counters counters_;
  std::map<std::string, std::set<std::string>> offline_;  // flow ids changed without Redis, by address-of-record
  std::vector<std::string> to_push_;
  std::shared_ptr<Scan> running_;  // the newest; completions of an older one do nothing
  common::event::Timer start_;
  bool synchronised_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // shared with what Redis has still to answer
};

}  // namespace proxy::redis
