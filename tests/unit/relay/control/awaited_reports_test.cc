#include "relay/control/awaited_reports.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace relay;
using namespace relay::control;
using namespace std::chrono_literals;

namespace {

struct Scene {
  Now now() const { return {clock.now(), common::WallTime{}}; }

  common::ManualClock clock;
  std::shared_ptr<const Call> call =
      std::make_shared<Call>("call", session::SessionId{1}, 0, "cname", common::WallTime{});
  AwaitedReports reports{500ms};
};

}  // namespace

TEST_CASE("a report answers the request that waits for it, once", "[reports]") {
  Scene scene;
  const auto first = scene.reports.await(ng::RequestId{11}, scene.call, scene.clock.now());
  const auto second = scene.reports.await(ng::RequestId{12}, scene.call, scene.clock.now());
  const auto answered = scene.reports.on_reported({second, {}}, {});
  REQUIRE(answered);
  CHECK(answered->id == ng::RequestId{12});
  CHECK(answered->reply.succeeded());
  CHECK(answered->reply.warnings.empty());
  CHECK_FALSE(scene.reports.on_reported({second, {}}, {}));
  CHECK(scene.reports.on_reported({first, {}}, {})->id == ng::RequestId{11});
  CHECK_FALSE(scene.reports.next_timeout());
}

TEST_CASE("a report that is late is done without, and its call is let go of", "[reports]") {
  Scene scene;
  const auto token = scene.reports.await(ng::RequestId{11}, scene.call, scene.clock.now());
  scene.reports.await(std::nullopt, scene.call, scene.clock.now());
  CHECK(scene.call.use_count() == 3);
  CHECK(scene.reports.next_timeout() == scene.clock.now() + 500ms);
  scene.clock.advance(499ms);
  CHECK(scene.reports.on_timeout(scene.now()).empty());
  scene.clock.advance(1ms);
  const auto replies = scene.reports.on_timeout(scene.now());
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].id == ng::RequestId{11});
  CHECK(replies[0].reply.warnings == std::vector<std::string>{"the media thread did not report in time"});
  CHECK(scene.reports.late() == 2);
  CHECK(scene.call.use_count() == 1);
  CHECK_FALSE(scene.reports.on_reported({token, {}}, {}));
}
