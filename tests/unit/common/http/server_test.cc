#include "common/http/server.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "tests/support/socket_client.h"

using common::event::Loop;
using common::http::Access;
using common::http::Method;
using common::http::Request;
using common::http::Server;

namespace {

struct Scene {
  explicit Scene(const std::string& token = {}) {
    Server::Settings settings;
    settings.token = token;
    settings.max_body = 1000;
    auto made = Server::listen(loop, settings);
    REQUIRE(made);
    server = std::move(*made);
    server->route("/healthz", [](const Request&) { return common::http::text(200, "ok\n"); }, Access::Open);
    server->route("/sessions/", [this](const Request& request) {
      last = request;
      return common::http::json(request.method == Method::Delete ? 202 : 200, "{}");
    });
  }
  std::string ask(const std::string& first_line, const std::string& more = {}, const std::string& body = {}) {
    test::TcpClient client{loop, server->local()};
    client.send(first_line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more + "\r\n" + body);
    REQUIRE(client.wait_closed());
    return client.take();
  }

  Loop loop;
  std::unique_ptr<Server> server;
  Request last;
};

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("the admin server listens on loopback and answers a known route", "[http]") {
  Scene scene;
  CHECK(scene.server->local().ip.is_loopback());
  const std::string reply = scene.ask("GET /healthz");
  CHECK(has(reply, "HTTP/1.1 200 "));
  CHECK(has(reply, "\r\n\r\nok\n"));
  CHECK(has(scene.ask("GET /nothing"), "HTTP/1.1 404 "));
}

TEST_CASE("HEAD gives the length and no body", "[http]") {
  Scene scene;
  const std::string reply = scene.ask("HEAD /healthz");
  CHECK(has(reply, "Content-Length: 3\r\n"));
  CHECK(reply.ends_with("\r\n\r\n"));
}

TEST_CASE("a prefix route gets method, decoded path, query and body", "[http]") {
  Scene scene;
  CHECK(
      has(scene.ask("DELETE /sessions/a%20b?reason=x%26y&force=1", "Content-Length: 4\r\n", "body"), "HTTP/1.1 202 "));
  CHECK(scene.last.method == Method::Delete);
  CHECK(scene.last.path == "/sessions/a b");
  CHECK(scene.last.body == "body");
  CHECK(common::http::query_value(scene.last.query, "reason") == "x&y");
  CHECK(common::http::query_value(scene.last.query, "force") == "1");
  CHECK(common::http::query_value(scene.last.query, "missing").empty());
}

TEST_CASE("with a token, only open routes answer a stranger", "[http]") {
  Scene scene{"secret"};
  CHECK(has(scene.ask("GET /healthz"), "HTTP/1.1 200 "));
  CHECK(has(scene.ask("GET /sessions/1"), "HTTP/1.1 401 "));
  CHECK(has(scene.ask("GET /nothing"), "HTTP/1.1 401 "));
  CHECK(has(scene.ask("GET /sessions/1", "Authorization: Bearer wrong!\r\n"), "HTTP/1.1 401 "));
  CHECK(has(scene.ask("GET /sessions/1", "Authorization: bearer secret\r\n"), "HTTP/1.1 200 "));
}

TEST_CASE("a web page of somebody else cannot change anything", "[http]") {
  Scene scene;
  CHECK(has(scene.ask("POST /sessions/1", "Origin: https://evil.example\r\nContent-Length: 0\r\n"), "HTTP/1.1 403 "));
}

TEST_CASE("bodies and headers beyond the limit, odd methods and garbage are refused", "[http]") {
  Scene scene;
  CHECK(has(scene.ask("POST /sessions/1", "Content-Length: 100000\r\n"), "HTTP/1.1 413 "));
  CHECK_FALSE(has(scene.ask("GET /healthz", "X-Long: " + std::string(20'000, 'x') + "\r\n"), "HTTP/1.1 200 "));
  CHECK_FALSE(has(scene.ask("BREW /healthz"), "HTTP/1.1 200 "));
  CHECK_FALSE(has(scene.ask("\x01\x02 garbage"), "HTTP/1.1 200 "));
  CHECK(has(scene.ask("GET /healthz"), "HTTP/1.1 200 "));
}

TEST_CASE("an address that is taken is named with its cause", "[http]") {
  Scene scene;
  Server::Settings settings;
  settings.bind = scene.server->local();
  const auto second = Server::listen(scene.loop, settings);
  REQUIRE_FALSE(second);
  CHECK(has(second.error(), settings.bind.to_string()));
  CHECK(has(second.error(), "in use"));
}
