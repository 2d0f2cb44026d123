#include "common/tls/context.h"

#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "tests/support/test_certificates.h"
#include "tests/support/tls_pair.h"

using common::tls::Context;
using common::tls::Session;
using common::tls::Step;
using test::shake_hands;

namespace {

struct Bench {
  test::TempDir dir;
  test::TestCa ca;
  std::string roots = ca.write(dir, "ca.pem");
  test::PemFiles own = ca.issue(dir, "server", "proxy.example", {"DNS:proxy.example"});

  Context server() const { return Context::server({own.certificate, own.key, ""}).value(); }
  Context client() const { return Context::client({roots, "", ""}).value(); }
};

struct Result {
  test::Outcome outcome;
  std::string version;
};

Result connect(const Context& client, const Context& server) {
  const test::SocketPair sockets;
  Session far = Session::server(server, sockets.far.get());
  Session near = Session::client(client, sockets.near.get(), "proxy.example");
  const auto outcome = shake_hands(near, far);
  return {outcome, std::string{near.version()}};
}

bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("what a context cannot use is named with its file, the cause and what to do", "[tls]") {
  const Bench bench;
  const auto missing = Context::server({bench.dir.file("none.pem"), bench.own.key, ""});
  REQUIRE_FALSE(missing);
  CHECK(holds(missing.error(), "certificate " + bench.dir.file("none.pem") + ": "));
  CHECK(holds(missing.error(), "; give a readable PEM file"));

  const auto no_key = Context::server({bench.own.certificate, bench.dir.write("empty.key", ""), ""});
  REQUIRE_FALSE(no_key);
  CHECK(holds(no_key.error(), "private key " + bench.dir.file("empty.key") + ": "));

  const auto other = bench.ca.issue(bench.dir, "other", "other.example", {});
  const auto mixed = Context::server({bench.own.certificate, other.key, ""});
  REQUIRE_FALSE(mixed);
  CHECK(holds(mixed.error(), "private key " + other.key + ": "));
  CHECK(holds(mixed.error(), bench.own.certificate));

  const auto no_roots = Context::client({bench.dir.write("empty.pem", ""), "", ""});
  REQUIRE_FALSE(no_roots);
  CHECK(holds(no_roots.error(), "certificate authorities " + bench.dir.file("empty.pem") + ": "));

  const auto no_clients = Context::server({bench.own.certificate, bench.own.key, bench.dir.file("none.pem")});
  REQUIRE_FALSE(no_clients);
  CHECK(holds(no_clients.error(), "certificate authorities " + bench.dir.file("none.pem") + ": "));

  const auto keyless = Context::client({bench.roots, bench.own.certificate, bench.dir.file("none.key")});
  REQUIRE_FALSE(keyless);
  CHECK(holds(keyless.error(), "private key " + bench.dir.file("none.key") + ": "));
}

TEST_CASE("without a file of its own a client takes the system's authorities, which know no stranger", "[tls]") {
  const Bench bench;
  const auto client = Context::client({});
  REQUIRE(client);
  CHECK(connect(*client, bench.server()).outcome.client == Step::Failed);
  CHECK(connect(bench.client(), bench.server()).outcome.client == Step::Done);
}

TEST_CASE("a context that asks for client certificates refuses one of a stranger", "[tls]") {
  const Bench bench;
  const auto server = Context::server({bench.own.certificate, bench.own.key, bench.roots});
  REQUIRE(server);
  const auto outcome_for = [&](const test::PemFiles& files) {
    const auto client = Context::client({bench.roots, files.certificate, files.key});
    REQUIRE(client);
    return connect(*client, *server).outcome.server;
  };
  CHECK(outcome_for(bench.ca.issue(bench.dir, "known", "known", {"DNS:trunk.example"})) == Step::Done);
  CHECK(outcome_for(test::TestCa{}.issue(bench.dir, "stranger", "stranger", {})) == Step::Failed);
  CHECK(connect(bench.client(), *server).outcome.server == Step::Done);  // one that has none is let in
}

TEST_CASE("TLS 1.2 will do, with forward secrecy and authenticated encryption", "[tls]") {
  const Bench bench;
  const Context client = bench.client();
  SSL_CTX_set_max_proto_version(client.native(), TLS1_2_VERSION);
  const Result modern = connect(client, bench.server());
  CHECK(modern.outcome.server == Step::Done);
  CHECK(modern.version == "TLSv1.2");
  REQUIRE(SSL_CTX_set_cipher_list(client.native(), "ECDHE-ECDSA-AES128-SHA") == 1);
  CHECK(connect(client, bench.server()).outcome.server == Step::Failed);
}

TEST_CASE("a connection keeps the context that it was made with", "[tls]") {
  const Bench bench;
  std::optional<Context> server = bench.server();
  const Context client = bench.client();
  const test::SocketPair sockets;
  Session far = Session::server(*server, sockets.far.get());
  Session near = Session::client(client, sockets.near.get(), "proxy.example");
  const auto next = test::TestCa{}.issue(bench.dir, "next", "proxy.example", {"DNS:proxy.example"});
  server = Context::server({next.certificate, next.key, ""}).value();  // by an authority that the client does not know
  CHECK(shake_hands(near, far).client == Step::Done);
  CHECK(connect(client, *server).outcome.client == Step::Failed);
}

TEST_CASE("a server that asks for certificates takes clients without one, unless it needs them", "[tls]") {
  const Bench bench;
  const auto server_end = [&](bool needs_client, const Context& client) {
    const Context server = Context::server({bench.own.certificate, bench.own.key, bench.roots, needs_client}).value();
    return connect(client, server).outcome.server;
  };
  const Context known = Context::client({bench.roots, bench.own.certificate, bench.own.key}).value();
  const auto foreign = test::TestCa{}.issue(bench.dir, "foreign", "proxy.example", {"DNS:proxy.example"});
  const Context stranger = Context::client({bench.roots, foreign.certificate, foreign.key}).value();
  CHECK(server_end(false, bench.client()) == Step::Done);
  CHECK(server_end(true, bench.client()) == Step::Failed);
  CHECK(server_end(true, known) == Step::Done);
  CHECK(server_end(false, stranger) == Step::Failed);
}
