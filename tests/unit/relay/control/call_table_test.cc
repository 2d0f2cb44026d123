#include "relay/control/call_table.h"

#include <catch2/catch.hpp>

using namespace relay;
using namespace relay::control;

namespace {

std::shared_ptr<Call> make_call(const std::string& id, std::uint64_t session, std::size_t shard) {
  return std::make_shared<Call>(id, session::SessionId{session}, shard, "cname", common::WallTime{});
}

}  // namespace

TEST_CASE("a call is found by its Call-ID and by its session until it is removed", "[calls]") {
  CallTable calls(1);
  const auto call = make_call("a", 7, 0);
  calls.add(call);
  calls.add(make_call("b", 8, 0));
  CHECK(calls.find("a") == call);
  CHECK(calls.find(session::SessionId{7}) == call);
  CHECK(calls.find("c") == nullptr);
  calls.remove(*call);
  CHECK(calls.find("a") == nullptr);
  CHECK(calls.find(session::SessionId{7}) == nullptr);
  CHECK(calls.size() == 1);
  CHECK(calls.first()->id() == "b");
}

TEST_CASE("the shard with the fewest calls is first, of equals the first one", "[calls]") {
  using Shards = std::vector<std::size_t>;
  CallTable calls(3);
  CHECK(calls.shards_by_load() == Shards{0, 1, 2});
  calls.add(make_call("a", 1, 0));
  calls.add(make_call("b", 2, 1));
  calls.add(make_call("c", 3, 0));
  CHECK(calls.shards_by_load() == Shards{2, 1, 0});
  calls.remove(*calls.find("a"));
  calls.remove(*calls.find("c"));
  CHECK(calls.shards_by_load() == Shards{0, 2, 1});
}

TEST_CASE("a list of calls is as long as was asked for, in the order of Call-IDs", "[calls]") {
  CallTable calls(2);
  for (const auto id : {"c", "a", "b"}) calls.add(make_call(id, static_cast<std::uint64_t>(id[0]), 1));
  const auto all = calls.summaries(2);
  REQUIRE(all.size() == 2);
  CHECK(all[0].call_id == "a");
  CHECK(all[1].call_id == "b");
  CHECK(all[0].shard == 1);
  CHECK_FALSE(all[0].answered);
  CHECK(calls.summaries(9).size() == 3);
}
