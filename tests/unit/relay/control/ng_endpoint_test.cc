#include "relay/control/ng_endpoint.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "control-protocol/message/envelope.h"
#include "tests/support/socket_client.h"

using namespace relay::control;
using namespace std::chrono_literals;

TEST_CASE("out of descriptors, the ng endpoint rests and takes the connection later", "[relay][ng]") {
  common::event::Loop loop;
  std::unique_ptr<NgEndpoint> endpoint;
  NgEndpoint::Settings settings;
  settings.bind = *common::SocketAddress::parse("127.77.9.1:0");
  settings.peers = {*common::Cidr::parse("127.0.0.0/8")};
  auto listening = NgEndpoint::listen(loop, settings, [&](ng::RequestId id, const ng::Request&, common::Instant) {
    ng::Reply pong;
    pong.outcome = ng::Outcome::Pong;
    endpoint->reply(id, pong);
  });
  REQUIRE(listening);
  endpoint = std::move(*listening);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  test::TcpClient client(loop, endpoint->local());
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const bool rested = loop.run_until([&] { return endpoint->counters().out_of_descriptors > 0; }, 5s);
  int cycles = 0;
  loop.run_until(
      [&] {
        ++cycles;
        return false;
      },
      100ms);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(rested);
  CHECK(cycles < 10);
  client.send(ng::seal_envelope("cookie", ng::Encoding::Bencode, {{"command", "ping"}}));
  CHECK(client.wait_for("pong"));
}
