#include "proxy/redis/location_store.h"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxy/redis/shared_state.h"
#include "tests/support/redis_server.h"

using namespace std::chrono_literals;
using proxy::redis::Frame;
using proxy::redis::SharedState;
using proxy::store::Binding;
using proxy::store::MemoryLocationStore;
using proxy::store::Record;
using proxy::transport::ConnectionId;
using proxy::transport::ProcessId;

namespace {

constexpr auto kPatience = 8s;
const std::string kAlice = "sip:alice@example.org";
const std::string kBob = "sip:bob@example.org";

/// One proxy of a pair, as far as registrations go.
struct Node {
  Node(common::event::Loop& on, const test::RedisServer& server, std::uint32_t boot)
      : loop(on),
        self{boot},
        random(boot),
        shared(loop, random,
               {.servers = {.servers = {{server.address().ip.to_string(), server.address().port}}}, .prefix = "test:"},
               [](const std::string&, const auto& done) { done({}); }, copy,
               {.on_changed = [this](const std::string& aor) { changed.push_back(aor); },
                .on_completed = [] {},
                .frame =
                    [this] {
                      return Frame{loop.now(),
                                   std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
                                   self};
                    }}) {}

  bool is_synchronised() const { return shared.location_store().is_synchronised(); }
  Record load(const std::string& aor = kAlice) {
    Record out;
    shared.locations().load(aor, loop.now(), [&](auto record) { out = std::move(*record); });
    return out;
  }
  bool write(std::uint64_t revision, std::vector<Binding> bindings, const std::string& aor = kAlice) {
    std::optional<bool> out;
    shared.locations().replace(aor, revision, std::move(bindings), [&](auto done) { out = *done; });
    REQUIRE(loop.run_until([&] { return out.has_value(); }, kPatience));
    return *out;
  }
  /// Beside what is there already.
  void add(Binding binding, const std::string& aor = kAlice) {
    Record record = load(aor);
    std::erase_if(record.bindings, [&](const Binding& old) { return old.flow_id == binding.flow_id; });
    record.bindings.push_back(std::move(binding));
    REQUIRE(write(record.revision, record.bindings, aor));
  }
  bool remove_if_same(const Binding& binding) {
    std::optional<bool> out;
    shared.locations().remove_if_same(binding.flow_id, binding.generation, binding.flow.connection,
                                      [&](auto done) { out = *done; });
    REQUIRE(loop.run_until([&] { return out.has_value(); }, kPatience));
    return *out;
  }
  Binding binding(const std::string& flow_id, std::uint64_t connection, common::Duration life = 60s) {
    Binding one;
    one.contact = "sip:" + flow_id + "@192.0.2.1";
    one.flow_id = flow_id;
    one.flow = {proxy::transport::Kind::Wss, {0}, {connection}, {}, *common::SocketAddress::parse("192.0.2.1:5060")};
    one.expires_at = loop.now() + life;
    return one;
  }
  /// Flow ids, in order.
  std::string names(const std::string& aor = kAlice) {
    std::set<std::string> ids;
    for (const Binding& one : load(aor).bindings) ids.insert(one.flow_id);
    std::string out;
    for (const std::string& id : ids) out += (out.empty() ? "" : " ") + id;
    return out;
  }

  common::event::Loop& loop;
  ProcessId self;
  common::crypto::SeededRandom random;
  std::vector<std::string> changed;
  MemoryLocationStore copy;
  SharedState shared;
};

struct Pair {
  Pair() {
    REQUIRE(until([&] { return a->is_synchronised() && b->is_synchronised(); }));
  }
  bool until(const std::function<bool()>& done) { return loop.run_until(done, kPatience); }
  void restart_b() {
    b.reset();
    b = std::make_unique<Node>(loop, server, 3);
  }

  test::RedisServer server;
  common::event::Loop loop;
  std::unique_ptr<Node> a = std::make_unique<Node>(loop, server, 1);
  std::unique_ptr<Node> b = std::make_unique<Node>(loop, server, 2);
};

}  // namespace

TEST_CASE("what registers on one node is known on the other at once, as the other's connection", "[redis]") {
  Pair pair;
  pair.a->add(pair.a->binding("x", 7));
  REQUIRE(pair.until([&] { return pair.b->names() == "x"; }));
  CHECK(pair.b->changed == std::vector<std::string>{kAlice});
  CHECK(pair.a->changed.empty());
  CHECK(pair.b->load().bindings[0].flow.process == ProcessId{1});
  CHECK(pair.a->load().bindings[0].flow.process == ProcessId{});
  CHECK(pair.a->load().revision == pair.b->load().revision);
}

TEST_CASE("a node that starts later reads all there is", "[redis]") {
  Pair pair;
  for (int i = 0; i < 1200; ++i) {
    const std::string aor = "sip:user" + std::to_string(i) + "@example.org";
    pair.a->shared.locations().replace(aor, 0, {pair.a->binding("flow" + std::to_string(i), 1)}, [](auto) {});
  }
  REQUIRE(pair.until([&] { return pair.b->copy.size() == 1200; }));
  pair.restart_b();
  REQUIRE(pair.until([&] { return pair.b->is_synchronised(); }));
  CHECK(pair.b->copy.size() == 1200);
  CHECK(pair.b->names("sip:user777@example.org") == "flow777");
}

TEST_CASE("of two writers the later one is told, and then knows what the first one wrote", "[redis]") {
  Pair pair;
  pair.a->add(pair.a->binding("x", 7));
  REQUIRE(pair.until([&] { return pair.b->names() == "x"; }));
  const Record seen_by_both = pair.b->load();
  std::optional<bool> first;
  std::optional<bool> second;
  pair.a->shared.locations().replace(kAlice, seen_by_both.revision, {pair.a->binding("y", 8)},
                                     [&](auto done) { first = *done; });
  pair.b->shared.locations().replace(kAlice, seen_by_both.revision, {pair.b->binding("z", 9)},
                                     [&](auto done) { second = *done; });
  REQUIRE(pair.until([&] { return first && second; }));
  CHECK(*first != *second);
  Node& loser = *first ? *pair.b : *pair.a;
  CHECK(loser.names() == (*first ? "y" : "z"));
  CHECK(loser.shared.location_store().counters().conflicts == 1);
  loser.add(loser.binding("late", 10));
  CHECK(pair.until([&] { return pair.a->names() == pair.b->names() && pair.a->load().bindings.size() == 2; }));
}

TEST_CASE("a flow that moved to the other node is not removed when its old connection closes", "[redis]") {
  Pair pair;
  pair.a->add(pair.a->binding("x", 7));
  const Binding old = pair.a->load().bindings[0];
  REQUIRE(pair.until([&] { return pair.b->names() == "x"; }));
  pair.b->add(pair.b->binding("x", 7));  // the same number, another process
  REQUIRE(pair.until([&] { return pair.a->load().bindings[0].flow.process == ProcessId{2}; }));
  CHECK_FALSE(pair.a->remove_if_same(old));
  CHECK(pair.a->names() == "x");
  CHECK(pair.b->remove_if_same(pair.b->load().bindings[0]));
  CHECK(pair.until([&] { return pair.a->names().empty(); }));
}

TEST_CASE("a record ends with its last binding, on the nodes and in Redis", "[redis]") {
  Pair pair;
  pair.a->add(pair.a->binding("x", 7, 300ms));
  std::optional<std::int64_t> keys;
  REQUIRE(pair.until([&] { return pair.b->names() == "x"; }));
  REQUIRE(pair.until([&] { return pair.b->names().empty(); }));
  pair.loop.run_until([] { return false; }, 50ms);
  pair.a->shared.client().call({"EXISTS", "test:aor:{" + kAlice + "}"}, 1s,
                               [&](const auto& reply) { keys = reply->integer(); });
  REQUIRE(pair.until([&] { return keys.has_value(); }));
  CHECK(*keys == 0);
}

TEST_CASE("registrations go on without Redis, and both sides' changes stand when it is back", "[redis]") {
  Pair pair;
  pair.a->add(pair.a->binding("old", 1));
  pair.a->add(pair.a->binding("gone", 2));
  REQUIRE(pair.until([&] { return pair.b->names() == "gone old"; }));
  pair.server.kill();
  REQUIRE(pair.until([&] { return !pair.a->shared.is_up() && !pair.b->shared.is_up(); }));

  pair.a->add(pair.a->binding("x", 3));
  pair.b->add(pair.b->binding("y", 4));
  const auto now_gone = pair.a->load();
  std::vector<Binding> left;
  for (const Binding& one : now_gone.bindings) {
    if (one.flow_id != "gone") left.push_back(one);
  }
  REQUIRE(pair.a->write(now_gone.revision, left));
  pair.b->add(pair.b->binding("b", 5), kBob);
  CHECK(pair.a->names() == "old x");
  CHECK(pair.b->names() == "gone old y");
  CHECK(pair.a->shared.location_store().counters().offline == 2);

  pair.server.restart();  // empty: Redis kept nothing
  REQUIRE(pair.until([&] { return pair.a->names(kBob) == "b" && pair.a->names() == pair.b->names(); }));
  CHECK(pair.until([&] { return pair.a->names() == "old x y" && pair.b->names() == "old x y"; }));
}

TEST_CASE("a Redis that comes back empty gets everything that is known", "[redis]") {
  Pair pair;
  pair.a->add(pair.a->binding("x", 1));
  pair.b->add(pair.b->binding("b", 2), kBob);
  REQUIRE(pair.until([&] { return pair.b->names() == "x" && pair.a->names(kBob) == "b"; }));
  pair.server.restart();
  REQUIRE(pair.until([&] { return !pair.a->is_synchronised() && !pair.b->is_synchronised(); }));
  REQUIRE(pair.until([&] { return pair.a->is_synchronised() && pair.b->is_synchronised(); }));
  pair.restart_b();
  CHECK(pair.until([&] { return pair.b->names() == "x" && pair.b->names(kBob) == "b"; }));
}
