#include "proxy/transport/http_session.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/test_certificates.h"
#include "tests/support/transport_scene.h"

using namespace proxy::transport;
using test::ws_upgrade_request;

namespace {

std::string get(const std::string& target, const std::string& fields = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: proxy.example\r\n" + fields + "\r\n";
}

/// A browser on a listener with two files, one of them larger than any socket takes at once.
struct Scene {
  Scene() {
    dir.write("small.txt", "small");
    dir.write("large.txt", large);
    dir.write("empty.txt", "");
  }

  /// Everything that is written for `bytes`, as a socket would see it.
  std::string answers(const std::string& bytes) {
    session.push(bytes);
    std::string written;
    while (auto output = session.poll()) {
      std::visit([&](const auto& one) { written += one.bytes; }, *output);
      if (const auto* refused = std::get_if<HttpSession::Refused>(&*output)) refusal = refused->why;
      if (const auto* upgraded = std::get_if<HttpSession::Upgraded>(&*output)) return written + "|" + upgraded->rest;
      for (std::string slice = session.next_slice(); !slice.empty(); slice = session.next_slice()) written += slice;
    }
    return written;
  }

  const std::string large = std::string(100'000, 'x') + "end";
  test::TempDir dir;
  WebFront front{{"/ws", {"https://phone.example"}}, StaticFiles{dir.path()}};
  HttpSession session{front};
  std::optional<Refusal> refusal;
};

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("an upgrade ends HTTP and hands over what came behind it", "[transport][http]") {
  Scene scene;
  const std::string answers = scene.answers(ws_upgrade_request() + "first frames");
  CHECK(answers.starts_with("HTTP/1.1 101 "));
  CHECK(answers.ends_with("\r\n\r\n|first frames"));
  CHECK_FALSE(scene.session.has_served());
}

TEST_CASE("a request is answered when its last byte is here", "[transport][http]") {
  Scene scene;
  const std::string request = get("/small.txt");
  for (const char c : request.substr(0, request.size() - 1)) CHECK(scene.answers(std::string(1, c)).empty());
  CHECK(scene.answers("\n").ends_with("\r\n\r\nsmall"));
  CHECK(scene.session.has_served());
  CHECK_FALSE(scene.session.finished());
}

TEST_CASE("a file is handed out in slices, and the next request waits for its end", "[transport][http]") {
  Scene scene;
  scene.session.push(get("/large.txt") + get("/small.txt"));
  REQUIRE(scene.session.poll());
  std::string body;
  while (scene.session.is_serving()) {
    CHECK_FALSE(scene.session.poll());
    const std::string slice = scene.session.next_slice();
    CHECK(slice.size() <= 16'384);
    body += slice;
  }
  CHECK(body == scene.large);
  CHECK(scene.session.next_slice().empty());
  CHECK(scene.answers({}).ends_with("\r\n\r\nsmall"));
}

TEST_CASE("many requests on one connection are answered in order, up to the upgrade", "[transport][http]") {
  Scene scene;
  const std::string answers =
      scene.answers(get("/small.txt") + get("/none.txt") + get("/empty.txt") + ws_upgrade_request());
  const std::size_t found = answers.find("HTTP/1.1 200 ");
  const std::size_t missing = answers.find("HTTP/1.1 404 ");
  const std::size_t empty = answers.find("Content-Length: 0\r\n");
  const std::size_t upgraded = answers.find("HTTP/1.1 101 ");
  CHECK(found < missing);
  CHECK(missing < empty);
  CHECK(empty < upgraded);
  CHECK(upgraded != std::string::npos);
}

TEST_CASE("without keep-alive the first answer is the last", "[transport][http]") {
  Scene scene;
  scene.session.push(get("/large.txt", "Connection: close\r\n") + get("/small.txt"));
  REQUIRE(scene.session.poll());
  CHECK_FALSE(scene.session.finished());
  while (!scene.session.next_slice().empty()) CHECK_FALSE(scene.session.poll());
  CHECK(scene.session.finished());
  CHECK(scene.answers(get("/small.txt")).empty());
}

TEST_CASE("an upgrade from another page, or none at all, is refused for good", "[transport][http]") {
  using Answer = std::pair<std::string, std::optional<Refusal>>;
  const auto refused = [](const std::string& request) {
    Scene scene;
    const std::string answers = scene.answers(request + ws_upgrade_request());
    CHECK(has(answers, "Connection: close\r\n"));
    CHECK_FALSE(has(answers, "101"));
    CHECK(scene.session.finished());
    CHECK(scene.answers(ws_upgrade_request()).empty());
    CHECK_FALSE(scene.session.has_served());
    return Answer{answers.substr(9, 3), scene.refusal};
  };
  CHECK(refused(ws_upgrade_request("Origin: https://evil.example\r\n")) == Answer{"403", Refusal::Origin});
  CHECK(refused(get("/ws")) == Answer{"426", Refusal::WebSocketHandshake});
  CHECK(refused("\x16\x03\x01") == Answer{"400", Refusal::WebSocketHandshake});
  CHECK(refused("GET /" + std::string(17'000, 'x')) == Answer{"431", Refusal::WebSocketHandshake});
  CHECK(refused(get("/", "Content-Length: 4\r\n")) == Answer{"413", Refusal::WebSocketHandshake});
}
