#include "proxy/transport/acceptor.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "common/event/sockets.h"
#include "proxy/transport/sockets.h"
#include "tests/support/socket_client.h"

using namespace proxy::transport;
using namespace std::chrono_literals;

namespace {

struct Bench {
  common::event::Loop loop;
  Stats stats;
  struct Accepted {
    common::Fd fd;
    common::SocketAddress remote;
  };
  std::vector<Accepted> accepted;
  common::SocketAddress address;
  std::optional<Acceptor> acceptor;

  Bench() {
    common::Fd fd = listen_tcp(*common::SocketAddress::parse("127.0.0.1:0")).value();
    address = local_address(fd.get());
    acceptor.emplace(loop, std::move(fd), stats, [this](common::Fd taken, const common::SocketAddress& remote) {
      accepted.push_back({std::move(taken), remote});
    });
  }
  bool wait(std::size_t count) {
    return loop.run_until([&] { return accepted.size() >= count; }, 2s);
  }
};

}  // namespace

TEST_CASE("every connection is handed over with where it comes from, ready for a loop", "[transport][tcp]") {
  Bench bench;
  std::vector<std::unique_ptr<test::TcpClient>> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<test::TcpClient>(bench.loop, bench.address));
  REQUIRE(bench.wait(clients.size()));
  CHECK(bench.accepted.size() == clients.size());
  for (std::size_t i = 0; i < clients.size(); ++i) CHECK(bench.accepted[i].remote == clients[i]->local());
  const int fd = bench.accepted.front().fd.get();
  CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("without the acceptor nobody listens any more", "[transport][tcp]") {
  Bench bench;
  bench.acceptor.reset();
  const auto fd = connect_tcp(bench.address, {});
  REQUIRE(fd);
  common::event::Watch decided{bench.loop, fd->get(), [](common::event::Ready) {}};
  decided.want(false, true);
  int error = 0;
  const auto is_decided = [&] {
    if (error == 0) error = take_socket_error(fd->get());
    return error != 0;
  };
  CHECK(bench.loop.run_until(is_decided, 2s));
  CHECK(error == ECONNREFUSED);
}
