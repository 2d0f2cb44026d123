#include "proxy/transport/static_files.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "tests/support/test_certificates.h"

using namespace proxy::transport;

namespace {

HttpHead request(const std::string& method, const std::string& target, const std::string& fields = {}) {
  std::size_t size = 0;
  const auto parsed = parse_http_head(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n", size);
  REQUIRE(parsed);
  REQUIRE(*parsed);
  return **parsed;
}

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

std::string etag_of(const std::string& head) {
  const std::size_t at = head.find("ETag: ") + 6;
  return head.substr(at, head.find("\r\n", at) - at);
}

}  // namespace

TEST_CASE("a file is served with its type, its length and what keeps a page safe", "[transport]") {
  const test::TempDir dir;
  dir.write("index.html", "<p>hello</p>");
  dir.write("js/phone.js", "call();");
  StaticFiles files{dir.path()};
  const auto page = files.serve(request("GET", "/"));
  CHECK(page.head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(has(page.head, "Content-Type: text/html; charset=utf-8\r\n"));
  CHECK(has(page.head, "Content-Length: 12\r\n"));
  CHECK(has(page.head, "X-Content-Type-Options: nosniff\r\n"));
  CHECK(has(page.head, "Content-Security-Policy: default-src 'self';"));
  REQUIRE(page.body);
  CHECK(*page.body == "<p>hello</p>");
  CHECK(has(files.serve(request("GET", "/js/phone.js?v=1")).head, "Content-Type: text/javascript"));
}

TEST_CASE("HEAD gives the same fields without a body, other methods are refused", "[transport]") {
  const test::TempDir dir;
  dir.write("index.html", "<p>hello</p>");
  StaticFiles files{dir.path()};
  const auto head = files.serve(request("HEAD", "/index.html"));
  CHECK(has(head.head, "Content-Length: 12\r\n"));
  CHECK(head.body == nullptr);
  CHECK(files.serve(request("POST", "/")).head.starts_with("HTTP/1.1 405 "));
}

TEST_CASE("a browser that has the file gets 304 until it changes", "[transport]") {
  const test::TempDir dir;
  dir.write("index.html", "one");
  StaticFiles files{dir.path()};
  const std::string etag = etag_of(files.serve(request("GET", "/")).head);
  const auto again = files.serve(request("GET", "/", "If-None-Match: " + etag + "\r\n"));
  CHECK(again.head.starts_with("HTTP/1.1 304 "));
  CHECK_FALSE(has(again.head, "Content-Length"));
  CHECK(again.body == nullptr);
  dir.write("index.html", "two and more");
  const auto changed = files.serve(request("GET", "/", "If-None-Match: " + etag + "\r\n"));
  REQUIRE(changed.body);
  CHECK(*changed.body == "two and more");
}

TEST_CASE("no path leads out of the root or to a hidden file", "[transport]") {
  const test::TempDir outside;
  const std::string secret = outside.write("secret.txt", "secret");
  const test::TempDir dir;
  dir.write(".env", "secret");
  dir.write("sub/file.txt", "fine");
  std::filesystem::create_symlink(secret, dir.file("link.txt"));
  StaticFiles files{dir.path()};
  for (const char* path :
       {"/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt", "/..%2fsecret.txt", "/sub%5c..%5csecret",
        "/.env", "/sub//file.txt", "/link.txt", "/sub/file.txt%00.html", "/sub", "/%zz", "/%2", "//etc/passwd", "/%"}) {
    INFO(path);
    CHECK(files.serve(request("GET", path)).head.starts_with("HTTP/1.1 404 "));
  }
  CHECK(files.serve(request("GET", "/sub/file.txt")).head.starts_with("HTTP/1.1 200 "));
}

TEST_CASE("without a root everything is not found", "[transport]") {
  StaticFiles files{""};
  CHECK(files.serve(request("GET", "/")).head.starts_with("HTTP/1.1 404 "));
}

TEST_CASE("a file that is too large, or no file, is not found", "[transport]") {
  const test::TempDir dir;
  std::filesystem::resize_file(dir.write("big.bin", ""), StaticFiles::kMaxFile + 1);
  StaticFiles files{dir.path()};
  CHECK(files.serve(request("GET", "/big.bin")).head.starts_with("HTTP/1.1 404 "));
}
