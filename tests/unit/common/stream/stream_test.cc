#include "common/stream/stream.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "common/event/sockets.h"
#include "common/tls/context.h"
#include "tests/support/test_certificates.h"

using namespace std::chrono_literals;
using common::stream::Stream;
using common::tls::Context;

namespace {

constexpr auto kPatience = 5s;

/// What one end of a connection went through.
struct End {
  bool open = false;
  std::string received;
  std::optional<std::string> closed;

  Stream::Events events() {
    return {[this] { open = true; }, [this](std::string_view bytes) { received += bytes; },
            [this](const std::string& why) { closed = why; }};
  }
};

/// A listener that takes one connection.
struct Scene {
  void listen(const Context* tls, Stream::Limits limits = {}) {
    watch.emplace(loop, listening.get(), [this, tls, limits](common::event::Ready) {
      common::Fd fd{::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (fd) far_stream = Stream::accepted(loop, std::move(fd), tls, far.events(), limits);
    });
    watch->want(true, false);
  }
  void connect(std::optional<Stream::Tls> tls = std::nullopt, Stream::Limits limits = {}) {
    near_stream =
        Stream::connect(loop, common::event::local_address(listening.get()), std::move(tls), near.events(), limits);
  }
  bool until(const std::function<bool()>& done) { return loop.run_until(done, kPatience); }

  common::event::Loop loop;
  common::Fd listening = common::event::bind_socket(SOCK_STREAM, *common::SocketAddress::parse("127.0.0.1:0")).value();
  std::optional<common::event::Watch> watch;
  End near, far;
  std::unique_ptr<Stream> near_stream, far_stream;
};

struct Certificates {
  Context server() { return Context::server({files.certificate, files.key, ""}).value(); }
  Stream::Tls client(std::string name) {
    return {Context::client({ca.write(dir, "ca.pem"), "", ""}).value(), std::move(name)};
  }
  test::TempDir dir;
  test::TestCa ca;
  test::PemFiles files = ca.issue(dir, "server", "redis.example", {"DNS:redis.example"});
};

}  // namespace

TEST_CASE("what is sent before the connection is open arrives, whole and in order", "[stream]") {
  Scene scene;
  scene.listen(nullptr);
  scene.connect();
  const std::string large(1 << 20, 'x');
  scene.near_stream->send("first ");
  scene.near_stream->send(large);
  REQUIRE(scene.until([&] { return scene.far.received.size() == 6 + large.size(); }));
  CHECK(scene.far.received == "first " + large);
  scene.far_stream->send("back");
  CHECK(scene.until([&] { return scene.near.received == "back"; }));
}

TEST_CASE("the owner hears once that the peer has closed", "[stream]") {
  Scene scene;
  scene.listen(nullptr);
  scene.connect();
  REQUIRE(scene.until([&] { return scene.far.open && scene.near.open; }));
  scene.far_stream.reset();
  REQUIRE(scene.until([&] { return scene.near.closed.has_value(); }));
  CHECK(*scene.near.closed == "closed by the peer");
  CHECK_FALSE(scene.near_stream->is_open());
}

TEST_CASE("a port where nobody listens is told as such", "[stream]") {
  Scene scene;
  const auto address = common::event::local_address(scene.listening.get());
  scene.listening.reset();
  scene.near_stream = Stream::connect(scene.loop, address, std::nullopt, scene.near.events(), {});
  REQUIRE(scene.until([&] { return scene.near.closed.has_value(); }));
  CHECK(*scene.near.closed == "Connection refused");
}

TEST_CASE("a peer that never finishes the handshake is given up in time", "[stream]") {
  Scene scene;
  Certificates certificates;
  scene.connect(certificates.client("redis.example"), {.set_up = 50ms});
  REQUIRE(scene.until([&] { return scene.near.closed.has_value(); }));
  CHECK(*scene.near.closed == "no connection within its time");
}

TEST_CASE("a connection with TLS opens for the right certificate alone", "[stream][tls]") {
  Scene scene;
  Certificates certificates;
  const Context server = certificates.server();
  scene.listen(&server);
  SECTION("the right name") {
    scene.connect(certificates.client("redis.example"));
    scene.near_stream->send("ping");
    REQUIRE(scene.until([&] { return scene.far.received == "ping"; }));
    CHECK(scene.near_stream->peer_is("redis.example"));
  }
  SECTION("another name") {
    scene.connect(certificates.client("other.example"));
    scene.near_stream->send("secret");
    REQUIRE(scene.until([&] { return scene.near.closed.has_value(); }));
    CHECK(scene.near.closed->starts_with("certificate refused"));
    CHECK_FALSE(scene.near.open);
    CHECK(scene.far.received.empty());
  }
}

TEST_CASE("a peer that reads nothing ends the connection when too much waits", "[stream]") {
  Scene scene;
  scene.connect({}, {.max_queued = 1 << 20});  // nobody accepts: only the kernel's buffers take bytes
  REQUIRE(scene.until([&] { return scene.near.open; }));
  for (int i = 0; i < 64 && !scene.near.closed; ++i) scene.near_stream->send(std::string(1 << 20, 'x'));
  REQUIRE(scene.until([&] { return scene.near.closed.has_value(); }));
  CHECK(*scene.near.closed == "the peer reads too slowly");
}

TEST_CASE("an owner may destroy its end from within a callback", "[stream]") {
  Scene scene;
  scene.listen(nullptr);
  bool gone = false;
  auto events = scene.near.events();
  events.on_bytes = [&](std::string_view) {
    scene.near_stream.reset();
    gone = true;
  };
  scene.near_stream =
      Stream::connect(scene.loop, common::event::local_address(scene.listening.get()), std::nullopt, events, {});
  REQUIRE(scene.until([&] { return scene.far.open; }));
  scene.far_stream->send("goodbye");
  CHECK(scene.until([&] { return gone && scene.far.closed.has_value(); }));
}
