#pragma once

#include <sys/socket.h>

#include <array>

#include "common/base/invariant.h"
#include "common/net/fd.h"
#include "common/tls/session.h"

/// Two ends of a TLS connection in one thread.
namespace test {

/// A connected pair of non-blocking sockets.
struct SocketPair {
  SocketPair() {
    std::array<int, 2> fds{};
    const int status = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data());
    INVARIANT(status == 0, "a test may have two sockets");
    near = common::Fd{fds[0]};
    far = common::Fd{fds[1]};
  }
  common::Fd near;
  common::Fd far;
};

/// How a handshake ended for either side.
struct Outcome {
  common::tls::Step client;
  common::tls::Step server;
};

/// Both sides in turn until both have an outcome, or nothing comes of it.
inline Outcome shake_hands(common::tls::Session& client, common::tls::Session& server) {
  using common::tls::Step;
  const auto is_over = [](Step step) { return step == Step::Done || step == Step::Failed || step == Step::Closed; };
  Outcome outcome{Step::WantRead, Step::WantRead};
  for (int round = 0; round < 20 && !(is_over(outcome.client) && is_over(outcome.server)); ++round) {
    if (!is_over(outcome.client)) outcome.client = client.handshake();
    if (!is_over(outcome.server)) outcome.server = server.handshake();
  }
  return outcome;
}

}  // namespace test
