#include "proxy/store/memory_location_store.h"

#include <catch2/catch.hpp>

using namespace proxy;
using namespace proxy::store;
using namespace std::chrono_literals;

namespace {

constexpr common::Instant kNow{1000s};
const std::string kAlice = "sip:alice@example.org";

Binding binding(const std::string& name, common::Duration lifetime = 100s, std::uint64_t connection = 0) {
  Binding one;
  one.contact = name;
  one.flow_id = "flow-" + name;
  one.expires_at = kNow + lifetime;
  one.flow.connection = {connection};
  return one;
}

/// A store whose answers are taken as if they were given by the calls.
struct Bench {
  MemoryLocationStore store;

  Record load(const std::string& aor = kAlice, common::Instant now = kNow) {
    Record out;
    store.load(aor, now, [&](auto record) { out = std::move(*record); });
    return out;
  }
  std::string names(common::Instant now = kNow, const std::string& aor = kAlice) {
    std::string out;
    for (const Binding& one : load(aor, now).bindings) out += one.contact;
    return out;
  }
  bool replace(std::uint64_t revision, std::vector<Binding> bindings, const std::string& aor = kAlice) {
    bool out = false;
    store.replace(aor, revision, std::move(bindings), [&](auto result) { out = *result; });
    return out;
  }
  /// Whatever was there before.
  void put(std::vector<Binding> bindings, const std::string& aor = kAlice) {
    REQUIRE(replace(load(aor).revision, std::move(bindings), aor));
  }
  std::optional<Binding> flow(const std::string& flow_id, common::Instant now = kNow) {
    std::optional<Binding> out;
    store.find_flow(flow_id, now, [&](auto found) { out = std::move(*found); });
    return out;
  }
  bool remove(const Binding& one) {
    bool out = false;
    store.remove_if_same(one.flow_id, one.generation, one.flow.connection, [&](auto result) { out = *result; });
    return out;
  }
};

}  // namespace

TEST_CASE("an address nobody has registered has no bindings and revision 0", "[store]") {
  Bench bench;
  CHECK(bench.load().revision == 0);
  CHECK(bench.load().bindings.empty());
  CHECK(bench.store.size() == 0);
}

TEST_CASE("who read a record before somebody else wrote it does not write", "[store]") {
  Bench bench;
  CHECK(bench.replace(0, {binding("a")}));
  CHECK_FALSE(bench.replace(0, {binding("b")}));
  CHECK(bench.names() == "a");
  const auto revision = bench.load().revision;
  CHECK(bench.replace(revision, {binding("b")}));
  CHECK_FALSE(bench.replace(revision, {}));
  CHECK(bench.names() == "b");
}

TEST_CASE("a record that was emptied and filled again is not the one that was read", "[store]") {
  Bench bench;
  bench.put({binding("a")});
  const auto revision = bench.load().revision;
  bench.put({});
  CHECK(bench.load().revision == 0);
  bench.put({binding("b")});
  CHECK_FALSE(bench.replace(revision, {}));
}

TEST_CASE("a binding that expires meanwhile is nobody's change, and does not come back", "[store]") {
  Bench bench;
  bench.put({binding("a", 10s), binding("b")});
  const auto before = bench.load();
  bench.store.on_timeout(kNow + 10s);
  CHECK(bench.replace(before.revision, before.bindings));
  CHECK(bench.load(kAlice, kNow + 10s).bindings.size() == 1);
}

TEST_CASE("bindings come best first: by q, then the latest", "[store][rfc3261]") {
  Bench bench;
  std::vector<Binding> all{binding("a"), binding("b"), binding("c"), binding("d")};
  all[2].q_thousandths = 500;
  all[3].q_thousandths = 999;
  bench.put(all);
  CHECK(bench.names() == "badc");
}

TEST_CASE("a binding that was kept keeps its generation, a new one is newer", "[store]") {
  Bench bench;
  bench.put({binding("a")});
  std::vector<Binding> kept = bench.load().bindings;
  const Generation first = kept[0].generation;
  CHECK(first != Generation{});
  kept.push_back(binding("b"));
  bench.put(kept);
  CHECK(bench.flow("flow-a")->generation == first);
  CHECK(bench.flow("flow-b")->generation > first);
}

TEST_CASE("a flow is found by its id wherever it was registered, until it expires", "[store][rfc5626]") {
  Bench bench;
  bench.put({binding("a", 10s)});
  bench.put({binding("b")}, "sip:bob@example.org");
  CHECK(bench.flow("flow-b")->contact == "b");
  CHECK(bench.flow("flow-a", kNow + 10s - 1ns)->contact == "a");
  CHECK_FALSE(bench.flow("flow-a", kNow + 10s));
  CHECK_FALSE(bench.flow("flow-c"));
  bench.put({});
  CHECK_FALSE(bench.flow("flow-a"));
}

TEST_CASE("an expired binding is not given, and goes with the next timeout", "[store]") {
  Bench bench;
  bench.put({binding("a", 10s), binding("b", 20s)});
  CHECK(bench.store.next_timeout() == kNow + 10s);
  CHECK(bench.names(kNow + 10s) == "b");
  CHECK(bench.store.size() == 2);
  bench.store.on_timeout(kNow + 10s - 1ns);
  CHECK(bench.store.size() == 2);
  bench.store.on_timeout(kNow + 10s);
  CHECK(bench.store.size() == 1);
  CHECK(bench.store.next_timeout() == kNow + 20s);
  bench.store.on_timeout(kNow + 20s);
  CHECK(bench.store.all().empty());
  CHECK_FALSE(bench.store.next_timeout());
}

TEST_CASE("a binding that was renewed does not expire at its old time", "[store]") {
  Bench bench;
  bench.put({binding("a", 10s)});
  bench.put({binding("a", 50s)});
  CHECK(bench.store.next_timeout() == kNow + 50s);
  bench.store.on_timeout(kNow + 10s);
  CHECK(bench.store.size() == 1);
}

TEST_CASE("a binding that has moved to another connection is not removed with the old one", "[store]") {
  Bench bench;
  bench.put({binding("a", 100s, 1)});
  const auto old = bench.store.on_connection({1});
  REQUIRE(old.size() == 1);
  bench.put({binding("a", 100s, 2)});
  CHECK_FALSE(bench.remove(old[0]));
  CHECK(bench.names() == "a");
  CHECK(bench.store.on_connection({1}).empty());
  CHECK(bench.remove(bench.store.on_connection({2}).at(0)));
  CHECK(bench.names().empty());
}

TEST_CASE("a binding renewed over the same connection is another generation", "[store]") {
  Bench bench;
  bench.put({binding("a", 100s, 1)});
  const auto old = bench.store.on_connection({1});
  bench.put({binding("a", 100s, 1)});
  CHECK_FALSE(bench.remove(old.at(0)));
  CHECK(bench.names() == "a");
}

TEST_CASE("a connection knows the bindings of every address that came over it, datagrams have none", "[store]") {
  Bench bench;
  bench.put({binding("a", 100s, 1), binding("b", 100s, 2)});
  bench.put({binding("c", 100s, 1)}, "sip:bob@example.org");
  bench.put({binding("d", 100s, 0)}, "sip:carol@example.org");
  std::string names;
  for (const Binding& one : bench.store.on_connection({1})) names += one.contact;
  CHECK(names == "ac");
  CHECK(bench.store.on_connection({0}).empty());
  CHECK(bench.store.on_connection({3}).empty());
}

TEST_CASE("everything is listed by address-of-record", "[store]") {
  Bench bench;
  bench.put({binding("b")}, "sip:bob@example.org");
  bench.put({binding("a")});
  const auto all = bench.store.all();
  REQUIRE(all.size() == 2);
  CHECK(all[0].aor == kAlice);
  CHECK(all[1].binding.contact == "b");
}
