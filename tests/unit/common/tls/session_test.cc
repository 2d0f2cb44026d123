#include "common/tls/session.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "common/tls/context.h"
#include "tests/support/test_certificates.h"
#include "tests/support/tls_pair.h"

using common::tls::Context;
using common::tls::Session;
using common::tls::Step;
using test::Outcome;
using test::shake_hands;

namespace {

struct Scene {
  Session server_session() const {
    const auto context = Context::server({files.certificate, files.key, ""});
    REQUIRE(context);
    return Session::server(*context, sockets.far.get());
  }
  Session client_session(const std::string& name) const {
    const auto context = Context::client({ca_file, "", ""});
    REQUIRE(context);
    return Session::client(*context, sockets.near.get(), name);
  }

  test::TempDir dir;
  test::TestCa ca;
  std::string ca_file = ca.write(dir, "ca.pem");
  test::PemFiles files = ca.issue(dir, "server", "proxy.example", {"DNS:proxy.example"});
  test::SocketPair sockets;
};

std::string read_all(Session& session) {
  std::array<std::uint8_t, 256> buffer{};
  std::size_t count = 0;
  session.read(buffer, count);
  return std::string{common::as_text({buffer.data(), count})};
}

}  // namespace

TEST_CASE("a client and a server agree on TLS 1.3 and carry bytes both ways", "[tls]") {
  Scene scene;
  Session server = scene.server_session();
  Session client = scene.client_session("proxy.example");
  const Outcome outcome = shake_hands(client, server);
  REQUIRE(outcome.client == Step::Done);
  REQUIRE(outcome.server == Step::Done);
  CHECK(client.version() == "TLSv1.3");
  CHECK(client.peer_is("proxy.example"));
  CHECK_FALSE(client.peer_is("other.example"));
  CHECK_FALSE(server.peer_is("proxy.example"));
  std::size_t count = 0;
  CHECK(client.write(common::as_bytes("hello"), count) == Step::Done);
  CHECK(count == 5);
  CHECK(read_all(server) == "hello");
  CHECK(server.write(common::as_bytes("world"), count) == Step::Done);
  CHECK(read_all(client) == "world");
  std::array<std::uint8_t, 16> buffer{};
  CHECK(client.read(buffer, count) == Step::WantRead);
  server.shutdown();
  CHECK(client.read(buffer, count) == Step::Closed);
}

TEST_CASE("writing to a peer that is gone fails without a signal", "[tls]") {
  Scene scene;
  Session server = scene.server_session();
  Session client = scene.client_session("proxy.example");
  REQUIRE(shake_hands(client, server).server == Step::Done);
  scene.sockets.near.reset();
  std::size_t count = 0;
  CHECK(server.write(common::as_bytes("hello"), count) == Step::Closed);
}

TEST_CASE("a full socket makes a write wait and keeps what was not taken", "[tls]") {
  Scene scene;
  Session server = scene.server_session();
  Session client = scene.client_session("proxy.example");
  REQUIRE(shake_hands(client, server).server == Step::Done);
  const std::string block(16'000, 'x');
  std::size_t count = 0;
  Step step = Step::Done;
  for (int i = 0; i < 1000 && step == Step::Done; ++i) step = client.write(common::as_bytes(block), count);
  CHECK(step == Step::WantWrite);
  while (!read_all(server).empty()) {
  }
  CHECK(client.write(common::as_bytes(block), count) == Step::Done);
}

TEST_CASE("a certificate of an unknown authority is refused by name", "[tls]") {
  Scene scene;
  const test::TestCa other;
  const auto context = Context::client({other.write(scene.dir, "other.pem"), "", ""});
  REQUIRE(context);
  Session server = scene.server_session();
  Session client = Session::client(*context, scene.sockets.near.get(), "proxy.example");
  CHECK(shake_hands(client, server).client == Step::Failed);
  CHECK(client.certificate_refused());
  CHECK(client.last_error().find("certificate verify failed: ") != std::string::npos);
  CHECK_FALSE(client.peer_is("proxy.example"));
}

TEST_CASE("bytes that are no TLS fail the handshake", "[tls]") {
  Scene scene;
  Session server = scene.server_session();
  REQUIRE(::send(scene.sockets.near.get(), "REGISTER sip:example SIP/2.0\r\n", 30, MSG_NOSIGNAL) == 30);
  CHECK(server.handshake() == Step::Failed);
  CHECK_FALSE(server.last_error().empty());
}

TEST_CASE("a server knows its client by the certificate that it asked for", "[tls][rfc5922]") {
  const Scene scene;
  const auto own = scene.ca.issue(scene.dir, "trunk", "trunk", {"DNS:trunk.example"});
  const auto server_context = Context::server({scene.files.certificate, scene.files.key, scene.ca_file});
  const auto client_context = Context::client({scene.ca_file, own.certificate, own.key});
  REQUIRE(server_context);
  REQUIRE(client_context);
  Session server = Session::server(*server_context, scene.sockets.far.get());
  Session client = Session::client(*client_context, scene.sockets.near.get(), "proxy.example");
  REQUIRE(shake_hands(client, server).server == Step::Done);
  CHECK(server.peer_is("trunk.example"));
  CHECK_FALSE(server.peer_is("other.example"));
}
