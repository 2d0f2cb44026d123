#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/event/loop.h"
#include "common/net/address.h"

/// Small HTTP/1.1 server for operators: health, metrics, lists. Not for browsers or the Internet.
namespace common::http {

enum class Method : std::uint8_t { Get, Post, Put, Delete };

struct Request {
  Method method = Method::Get;
  std::string path;   // percent-decoded, without the query
  std::string query;  // as sent, without '?'
  std::string body;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};
Response text(int status, std::string body);
Response json(int status, std::string body);

/// Value of `key` in a query (`a=1&b=x%20y`), percent-decoded; empty if absent.
std::string query_value(std::string_view query, std::string_view key);

using Handler = std::function<Response(const Request&)>;

/// Who may ask for a route when the server has a token.
enum class Access : std::uint8_t { Token, Open };

class Server {
 public:
  struct Settings {
    SocketAddress bind;  // 127.0.0.1 port 0 if left alone
    std::string token;   // not empty: `Authorization: Bearer …` is needed except on open routes
    std::size_t max_body = 1 << 20;
    Duration timeout = std::chrono::seconds{10};  // for a request to arrive and a reply to be taken
    Settings();
  };

  /// Errors: a text that names the address and the cause.
  [[nodiscard]] static Result<std::unique_ptr<Server>, std::string> listen(event::Loop& loop, Settings settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// `path` is exact, or a prefix if it ends in '/' (`/` itself is exact): `/sessions/` also gets `/sessions/abc`. The
  /// longest one wins; an unknown path is 404. A HEAD request is answered from Get without the body. Handlers run on
  /// the loop.
  void route(std::string path, Handler handler, Access access = Access::Token);

  /// The bound address, with the port the system chose.
  const SocketAddress& local() const noexcept;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace common::http
