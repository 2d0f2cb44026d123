#include "common/tls/session.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "common/net/fd.h"
#include "common/tls/context.h"
#include "tests/support/test_certificates.h"

using common::Fd;
using common::tls::ClientFiles;
using common::tls::Context;
using common::tls::ServerFiles;
using common::tls::Session;
using common::tls::Step;

namespace {

struct Sockets {
  Sockets() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
    near = Fd{fds[0]};
    far = Fd{fds[1]};
  }
  Fd near;
  Fd far;
};

struct Outcome {
  Step client;
  Step server;
};

bool is_over(Step step) { return step == Step::Done || step == Step::Failed || step == Step::Closed; }

Outcome shake_hands(Session& client, Session& server) {
  Outcome outcome{Step::WantRead, Step::WantRead};
  for (int round = 0; round < 20 && !(is_over(outcome.client) && is_over(outcome.server)); ++round) {
    if (!is_over(outcome.client)) outcome.client = client.handshake();
    if (!is_over(outcome.server)) outcome.server = server.handshake();
  }
  return outcome;
}

struct Scene {
  explicit Scene(const std::vector<std::string>& names, const std::string& common_name = "proxy.example")
      : ca_file(ca.write(dir, "ca.pem")), files(ca.issue(dir, "server", common_name, names)) {}

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
  bool identifies(const std::string& domain) const {
    Session server = server_session();
    Session client = client_session(domain);
    REQUIRE(shake_hands(client, server).client == Step::Done);
    return client.peer_is(domain);
  }

  test::TempDir dir;
  test::TestCa ca;
  std::string ca_file;
  test::PemFiles files;
  Sockets sockets;
};

std::string read_all(Session& session) {
  std::array<std::uint8_t, 256> buffer{};
  std::size_t count = 0;
  session.read(buffer, count);
  return std::string{common::as_text({buffer.data(), count})};
}

}  // namespace

TEST_CASE("a client and a server agree on TLS 1.3 and carry bytes both ways", "[tls]") {
  Scene scene{{"DNS:proxy.example"}};
  Session server = scene.server_session();
  Session client = scene.client_session("proxy.example");
  const Outcome outcome = shake_hands(client, server);
  REQUIRE(outcome.client == Step::Done);
  REQUIRE(outcome.server == Step::Done);
  CHECK(client.version() == "TLSv1.3");
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
  Scene scene{{"DNS:proxy.example"}};
  Session server = scene.server_session();
  Session client = scene.client_session("proxy.example");
  REQUIRE(shake_hands(client, server).server == Step::Done);
  scene.sockets.near.reset();
  std::size_t count = 0;
  CHECK(server.write(common::as_bytes("hello"), count) == Step::Closed);
}

TEST_CASE("a full socket makes a write wait and keeps what was not taken", "[tls]") {
  Scene scene{{"DNS:proxy.example"}};
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

TEST_CASE("a certificate speaks for its DNS names, whole and in any case", "[tls][rfc5922]") {
  CHECK(Scene{{"DNS:proxy.example"}}.identifies("PROXY.example"));
  CHECK_FALSE(Scene{{"DNS:proxy.example"}}.identifies("other.example"));
  CHECK_FALSE(Scene{{"DNS:*.example"}}.identifies("proxy.example"));
}

TEST_CASE("SIP URIs in a certificate win over its DNS names", "[tls][rfc5922]") {
  CHECK(Scene{{"URI:sip:carrier.example", "DNS:host.carrier.example"}}.identifies("carrier.example"));
  CHECK_FALSE(Scene{{"URI:sip:carrier.example", "DNS:host.carrier.example"}}.identifies("host.carrier.example"));
  CHECK_FALSE(Scene{{"URI:sip:user@carrier.example"}}.identifies("carrier.example"));
}

TEST_CASE("the common name counts only without alternative names", "[tls][rfc5922]") {
  CHECK(Scene{{}, "proxy.example"}.identifies("proxy.example"));
  CHECK_FALSE(Scene{{"IP:127.0.0.1"}, "proxy.example"}.identifies("proxy.example"));
}

TEST_CASE("a literal address needs an address entry", "[tls]") {
  CHECK(Scene{{"IP:127.0.0.1"}}.identifies("127.0.0.1"));
  CHECK(Scene{{"IP:::1"}}.identifies("::1"));
  CHECK_FALSE(Scene{{"DNS:127.0.0.1"}}.identifies("127.0.0.1"));
}

TEST_CASE("a certificate of an unknown authority is refused by name", "[tls]") {
  Scene scene{{"DNS:proxy.example"}};
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
  Scene scene{{"DNS:proxy.example"}};
  Session server = scene.server_session();
  REQUIRE(::send(scene.sockets.near.get(), "REGISTER sip:example SIP/2.0\r\n", 30, MSG_NOSIGNAL) == 30);
  CHECK(server.handshake() == Step::Failed);
  CHECK_FALSE(server.last_error().empty());
}

TEST_CASE("a server context names the file that is missing, and a key that does not fit", "[tls]") {
  Scene scene{{"DNS:proxy.example"}};
  const auto missing = Context::server({scene.dir.file("none.pem"), scene.files.key, ""});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().find("none.pem") != std::string::npos);
  const test::PemFiles other = scene.ca.issue(scene.dir, "other", "other.example", {});
  const auto mixed = Context::server({scene.files.certificate, other.key, ""});
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().find("other.key") != std::string::npos);
  const auto no_roots = Context::client({scene.dir.write("empty.pem", ""), "", ""});
  REQUIRE_FALSE(no_roots);
  CHECK(no_roots.error().find("empty.pem") != std::string::npos);
}

TEST_CASE("a context that asks for client certificates refuses one of a stranger", "[tls]") {
  Scene scene{{"DNS:proxy.example"}};
  const test::TestCa strangers;
  const test::PemFiles stranger = strangers.issue(scene.dir, "stranger", "stranger", {});
  const test::PemFiles known = scene.ca.issue(scene.dir, "known", "known", {"DNS:trunk.example"});
  const auto server_context = Context::server({scene.files.certificate, scene.files.key, scene.ca_file});
  REQUIRE(server_context);
  for (const bool is_known : {true, false}) {
    const Sockets sockets;
    const test::PemFiles& own = is_known ? known : stranger;
    const auto client_context = Context::client({scene.ca_file, own.certificate, own.key});
    REQUIRE(client_context);
    Session server = Session::server(*server_context, sockets.far.get());
    Session client = Session::client(*client_context, sockets.near.get(), "proxy.example");
    CHECK(shake_hands(client, server).server == (is_known ? Step::Done : Step::Failed));
    CHECK(server.peer_is("trunk.example") == is_known);
  }
}
