#include "common/tls/shared_key.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "common/tls/session.h"
#include "tests/support/test_certificates.h"
#include "tests/support/tls_pair.h"

using common::Bytes;
using common::tls::Context;
using common::tls::Session;
using common::tls::Step;

namespace {

const Bytes kKey(32, 1);
const Bytes kOlderKey(32, 2);
const Bytes kForeignKey(32, 3);

struct Scene {
  test::Outcome meet(const Context& client_context, const Context& server_context) {
    client.emplace(Session::client(client_context, sockets.near.get(), ""));
    server.emplace(Session::server(server_context, sockets.far.get()));
    return test::shake_hands(*client, *server);
  }
  test::SocketPair sockets;
  std::optional<Session> client, server;
};

}  // namespace

TEST_CASE("two that know the same key talk without certificates", "[tls]") {
  Scene scene;
  const auto outcome = scene.meet(common::tls::shared_key_client(kKey), common::tls::shared_key_server({kKey}));
  INFO(scene.client->last_error() << " / " << scene.server->last_error());
  REQUIRE(outcome.client == Step::Done);
  REQUIRE(outcome.server == Step::Done);
  CHECK(scene.client->version() == "TLSv1.3");
  std::size_t count = 0;
  CHECK(scene.client->write(common::as_bytes("hello"), count) == Step::Done);
  std::array<std::uint8_t, 16> buffer{};
  CHECK(scene.server->read(buffer, count) == Step::Done);
  CHECK(common::as_text({buffer.data(), count}) == "hello");
}

TEST_CASE("while a key is changed the older one is taken too", "[tls]") {
  Scene scene;
  const auto outcome =
      scene.meet(common::tls::shared_key_client(kOlderKey), common::tls::shared_key_server({kKey, kOlderKey}));
  CHECK(outcome.client == Step::Done);
  CHECK(outcome.server == Step::Done);
}

TEST_CASE("who knows another key is not let in", "[tls]") {
  Scene scene;
  const auto outcome = scene.meet(common::tls::shared_key_client(kForeignKey), common::tls::shared_key_server({kKey}));
  CHECK(outcome.client != Step::Done);
  CHECK(outcome.server != Step::Done);
}

TEST_CASE("a server with a certificate instead of the key is not believed", "[tls]") {
  Scene scene;
  test::TempDir dir;
  test::TestCa ca;
  const test::PemFiles files = ca.issue(dir, "server", "proxy.example", {"DNS:proxy.example"});
  const auto server = Context::server({files.certificate, files.key, ""});
  REQUIRE(server);
  CHECK(scene.meet(common::tls::shared_key_client(kKey), *server).client != Step::Done);
}
