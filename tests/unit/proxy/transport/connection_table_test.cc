#include "proxy/transport/connection_table.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>

#include "common/event/loop.h"

using namespace proxy::transport;

namespace {

common::SocketAddress address(const std::string& text) { return *common::SocketAddress::parse(text); }

Destination to(Kind kind, const std::string& remote, const std::string& tls_name = {}) {
  return {.kind = kind, .remote = address(remote), .listener = {}, .tls_name = tls_name};
}

/// A table with connections that lead nowhere.
struct Scene {
  common::Fd socket() {
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peers.emplace_back(ends[1]);
    return common::Fd{ends[0]};
  }
  Flow flow(Kind kind, const std::string& remote) {
    return {.kind = kind, .listener = {}, .connection = table.next_id(), .local = {}, .remote = address(remote)};
  }
  Connection& accept(Kind kind, const std::string& remote) {
    return table.add(Connection::accepted(environment, flow(kind, remote), socket(), nullptr, nullptr));
  }
  Connection& connect(const Destination& destination) {
    const common::tls::Context* tls = destination.kind == Kind::Tls ? &*context : nullptr;
    return table.add(Connection::connecting(environment, flow(destination.kind, destination.remote.to_string()),
                                            socket(), tls, certificate_name(destination)));
  }

  common::event::Loop loop;
  Limits limits;
  Stats stats;
  common::Bytes buffer;
  ConnectionEnvironment environment{loop, limits, stats, buffer, [](auto&) {}, [](auto&, auto) {}, [](auto&) {}};
  common::Result<common::tls::Context, std::string> context = common::tls::Context::client({});
  std::vector<common::Fd> peers;
  ConnectionTable table{limits};
};

}  // namespace

TEST_CASE("a connection is found by its id until it is removed", "[transport][table]") {
  Scene scene;
  Connection& first = scene.accept(Kind::Tcp, "192.0.2.1:5000");
  Connection& second = scene.accept(Kind::Tcp, "192.0.2.1:5001");
  const ConnectionId id = first.flow().connection;
  CHECK(id != second.flow().connection);
  CHECK(scene.table.find(id) == &first);
  CHECK(scene.table.all().size() == 2);
  CHECK(scene.table.remove(id).get() == &first);
  CHECK(scene.table.find(id) == nullptr);
  CHECK(scene.table.remove(id) == nullptr);
  CHECK(scene.table.all() == std::vector{&second});
  CHECK(scene.table.next_id() != id);
}

TEST_CASE("what we open is found at once by kind, address and certificate's name", "[transport][table][rfc5922]") {
  Scene scene;
  Connection& plain = scene.connect(to(Kind::Tcp, "192.0.2.1:5060"));
  Connection& trunk = scene.connect(to(Kind::Tls, "192.0.2.1:5061", "trunk.example"));
  Connection& nameless = scene.connect(to(Kind::Tls, "192.0.2.1:5061"));
  CHECK(scene.table.find(to(Kind::Tcp, "192.0.2.1:5060")) == &plain);
  CHECK(scene.table.find(to(Kind::Tls, "192.0.2.1:5061", "trunk.example")) == &trunk);
  CHECK(scene.table.find(to(Kind::Tls, "192.0.2.1:5061", "192.0.2.1")) == &nameless);
  CHECK(scene.table.find(to(Kind::Tls, "192.0.2.1:5061", "other.example")) == nullptr);
  CHECK(scene.table.find(to(Kind::Tcp, "192.0.2.1:5061")) == nullptr);
}

TEST_CASE("what a peer opened leads back to it once it is set up, but proves no name", "[transport][table][rfc5923]") {
  Scene scene;
  Connection& tcp = scene.accept(Kind::Tcp, "192.0.2.1:5000");
  CHECK(scene.table.find(to(Kind::Tcp, "192.0.2.1:5000")) == nullptr);
  scene.table.offer_way_back(tcp);
  CHECK(scene.table.find(to(Kind::Tcp, "192.0.2.1:5000")) == &tcp);
  Connection& browser = scene.accept(Kind::Wss, "192.0.2.1:5001");
  scene.table.offer_way_back(browser);
  CHECK(scene.table.find(to(Kind::Wss, "192.0.2.1:5001", "any.example")) == &browser);
  scene.table.offer_way_back(scene.accept(Kind::Tls, "192.0.2.1:5002"));
  CHECK(scene.table.find(to(Kind::Tls, "192.0.2.1:5002")) == nullptr);
  CHECK(scene.table.find(to(Kind::Tls, "192.0.2.1:5002", "192.0.2.1")) == nullptr);
}

TEST_CASE("a connection that ends is no way any more, and its end spares the one that follows it",
          "[transport][table]") {
  Scene scene;
  const Destination destination = to(Kind::Tcp, "192.0.2.1:5060");
  Connection& old = scene.connect(destination);
  old.end(CloseReason::PeerClosed);
  CHECK(scene.table.find(destination) == nullptr);
  Connection& next = scene.connect(destination);
  CHECK(scene.table.find(destination) == &next);
  scene.table.remove(old.flow().connection);
  CHECK(scene.table.find(destination) == &next);
  scene.table.remove(next.flow().connection);
  CHECK(scene.table.find(destination) == nullptr);
}

TEST_CASE("a source has its share of connections, and gets it back when they end", "[transport][table]") {
  Scene scene;
  scene.limits.max_connections_per_source = 2;
  const auto refusal = [&](const std::string& remote) { return scene.table.refusal_of(address(remote)); };
  Connection& first = scene.accept(Kind::Tcp, "192.0.2.1:5000");
  CHECK(refusal("192.0.2.1:5001") == std::nullopt);
  scene.accept(Kind::Tls, "192.0.2.1:5001");
  CHECK(refusal("192.0.2.1:5002") == Refusal::TooManyFromSource);
  CHECK(refusal("192.0.2.2:5002") == std::nullopt);
  scene.table.remove(first.flow().connection);
  CHECK(refusal("192.0.2.1:5002") == std::nullopt);
}

TEST_CASE("what we open counts for no source", "[transport][table]") {
  Scene scene;
  scene.limits.max_connections_per_source = 1;
  Connection& ours = scene.connect(to(Kind::Tcp, "192.0.2.1:5060"));
  CHECK(scene.table.refusal_of(address("192.0.2.1:5000")) == std::nullopt);
  scene.accept(Kind::Tcp, "192.0.2.1:5000");
  scene.table.remove(ours.flow().connection);
  CHECK(scene.table.refusal_of(address("192.0.2.1:5001")) == Refusal::TooManyFromSource);
}

TEST_CASE("an IPv6 source is the /64 that one host can choose from", "[transport][table]") {
  Scene scene;
  scene.limits.max_connections_per_source = 1;
  scene.accept(Kind::Tcp, "[2001:db8:0:1::1]:5000");
  CHECK(scene.table.refusal_of(address("[2001:db8:0:1:ffff::2]:5000")) == Refusal::TooManyFromSource);
  CHECK(scene.table.refusal_of(address("[2001:db8:0:2::1]:5000")) == std::nullopt);
}

TEST_CASE("a full table takes nobody", "[transport][table]") {
  Scene scene;
  scene.limits.max_connections = 2;
  scene.accept(Kind::Tcp, "192.0.2.1:5000");
  CHECK_FALSE(scene.table.is_full());
  scene.connect(to(Kind::Tcp, "192.0.2.2:5060"));
  CHECK(scene.table.is_full());
  CHECK(scene.table.refusal_of(address("192.0.2.3:5000")) == Refusal::TooManyConnections);
}
