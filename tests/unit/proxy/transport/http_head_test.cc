#include "proxy/transport/http_head.h"

#include <catch2/catch.hpp>

using namespace proxy::transport;

namespace {

HttpHead head(const std::string& text) {
  std::size_t size = 0;
  const auto parsed = parse_http_head(text, size);
  REQUIRE(parsed);
  REQUIRE(*parsed);
  return **parsed;
}

std::optional<HttpError> parse_error(const std::string& text) {
  std::size_t size = 0;
  const auto parsed = parse_http_head(text, size);
  return parsed ? std::nullopt : std::optional{parsed.error()};
}

}  // namespace

TEST_CASE("a request is read with its fields, their names in lower case", "[transport][rfc9112]") {
  const HttpHead read = head("GET /ws?token=x HTTP/1.1\r\nHost: phone.example\r\nACCEPT:\t*/* \r\naccept:a\r\n\r\n");
  CHECK(read.method == "GET");
  CHECK(read.target == "/ws?token=x");
  CHECK(read.path() == "/ws");
  CHECK(read.value("host") == "phone.example");
  CHECK(read.value("accept") == "*/*");
  CHECK(read.count("accept") == 2);
  CHECK(read.value("cookie").empty());
  CHECK(read.count("cookie") == 0);
}

TEST_CASE("a head that is not whole yet is waited for, and takes only its own bytes", "[transport]") {
  const std::string whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::size_t size = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto parsed = parse_http_head(std::string_view{whole}.substr(0, length), size);
    REQUIRE(parsed);
    CHECK_FALSE(*parsed);
  }
  CHECK(size == 0);
  REQUIRE(parse_http_head(whole + "GET /next HTTP/1.1\r\n", size));
  CHECK(size == whole.size());
}

TEST_CASE("a connection stays unless the version or the client says otherwise", "[transport][rfc9112]") {
  CHECK(head("GET / HTTP/1.1\r\n\r\n").keep_alive);
  CHECK(head("GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\n\r\n").keep_alive);
  CHECK_FALSE(head("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK_FALSE(head("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n").keep_alive);
  CHECK_FALSE(head("GET / HTTP/1.1\r\nConnection: x\r\nConnection: y , close\r\n\r\n").keep_alive);
}

TEST_CASE("a word of a list is whole, in any case, in any of the fields", "[transport]") {
  const HttpHead read = head("GET / HTTP/1.1\r\nUpgrade: h2c,\tWebSocket\r\nUpgrade: other\r\n\r\n");
  CHECK(read.lists("upgrade", "websocket"));
  CHECK(read.lists("upgrade", "other"));
  CHECK_FALSE(read.lists("upgrade", "socket"));
  CHECK_FALSE(read.lists("connection", "websocket"));
}

TEST_CASE("an HTTP head is read strictly and within bounds", "[transport]") {
  CHECK(parse_error("\x16\x03\x01") == HttpError::Malformed);
  CHECK(parse_error("GET / HTTP/2.0\r\n\r\n") == HttpError::Malformed);
  CHECK(parse_error("GET http://a/ HTTP/1.1\r\n\r\n") == HttpError::Malformed);
  CHECK(parse_error("GET /\r\n\r\n") == HttpError::Malformed);
  CHECK(parse_error("GET / HTTP/1.1\r\nHost : a\r\n\r\n") == HttpError::Malformed);
  CHECK(parse_error("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n") == HttpError::Malformed);
  CHECK(parse_error("GET / HTTP/1.1\r\nA: b\nc: d\r\n\r\n") == HttpError::Malformed);
  CHECK(parse_error("GET / HTTP/1.1\r\nContent-Length: 4\r\n\r\n") == HttpError::BodyNotAllowed);
  CHECK(parse_error("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") == HttpError::BodyNotAllowed);
  CHECK(parse_error("GET /" + std::string(17'000, 'x')) == HttpError::TooLarge);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 101; ++i) many += "a: b\r\n";
  CHECK(parse_error(many + "\r\n") == HttpError::Malformed);
  std::size_t size = 0;
  CHECK_FALSE(*parse_http_head("GET / HTTP/1.1\r\nHost: a\r\n", size));
}

TEST_CASE("the largest head passes, and bytes that cannot become one are refused at once", "[transport][attack]") {
  const auto of_size = [](std::size_t size) {
    const std::string start = "GET /";
    const std::string end = " HTTP/1.1";
    return start + std::string(size - start.size() - end.size(), 'x') + end;
  };
  CHECK_FALSE(parse_error(of_size(16384) + "\r\n\r\n"));
  CHECK(parse_error(of_size(16385) + "\r\n\r\n") == HttpError::TooLarge);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) many += "a: b\r\n";
  CHECK_FALSE(parse_error(many + "\r\n"));
  CHECK(parse_error("\r\n") == HttpError::Malformed);
  CHECK(parse_error(" GET /") == HttpError::Malformed);
  CHECK(parse_error(std::string("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 26)) == HttpError::Malformed);
}

TEST_CASE("only a body of no bytes may be announced", "[transport][attack]") {
  CHECK_FALSE(parse_error("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
  CHECK(parse_error("GET / HTTP/1.1\r\nContent-Length: 00\r\n\r\n") == HttpError::BodyNotAllowed);
  CHECK(parse_error("GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n") == HttpError::BodyNotAllowed);
}

TEST_CASE("a response says what it is, how long it is and whether the connection stays", "[transport][rfc9112]") {
  CHECK(
      http_response(404, "Content-Type: text/plain\r\n", "no\n", true) ==
      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nno\n");
  CHECK(http_response(400, "", "", false) ==
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  CHECK(http_response_head(304, "ETag: \"x\"\r\n", std::nullopt, true) ==
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nConnection: keep-alive\r\n\r\n");
}
