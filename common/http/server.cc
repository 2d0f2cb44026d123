#include "common/http/server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "common/base/text.h"
#include "common/crypto/digest.h"

namespace common::http {
namespace {

constexpr std::size_t kMaxHeaders = std::size_t{16} << 10;
constexpr auto kAllowed =
    static_cast<ev_uint16_t>(EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);

struct FreeHttp {
  void operator()(evhttp* http) const noexcept { evhttp_free(http); }
};
struct FreeBuffer {
  void operator()(evbuffer* buffer) const noexcept { evbuffer_free(buffer); }
};

std::optional<Method> method_of(evhttp_cmd_type command) {
  if (command == EVHTTP_REQ_GET || command == EVHTTP_REQ_HEAD) return Method::Get;
  if (command == EVHTTP_REQ_POST) return Method::Post;
  if (command == EVHTTP_REQ_PUT) return Method::Put;
  if (command == EVHTTP_REQ_DELETE) return Method::Delete;
  return std::nullopt;
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> decoded{
      evhttp_uridecode(std::string{text}.c_str(), plus_is_space ? 1 : 0, &size), &std::free};
  return decoded ? std::string{decoded.get(), size} : std::string{};
}

std::string body_of(evhttp_request* request) {
  evbuffer* input = evhttp_request_get_input_buffer(request);
  std::string body(evbuffer_get_length(input), '\0');
  evbuffer_remove(input, body.data(), body.size());
  return body;
}

Request read_request(evhttp_request* raw, Method method) {
  Request request{.method = method, .path = {}, .query = {}, .body = body_of(raw)};
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(raw);
  if (const char* path = evhttp_uri_get_path(uri)) request.path = decode(path, false);
  if (const char* query = evhttp_uri_get_query(uri)) request.query = query;
  return request;
}

std::string_view header(evhttp_request* request, const char* name) {
  const char* value = evhttp_find_header(evhttp_request_get_input_headers(request), name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

void reply(evhttp_request* request, const Response& response) {
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", response.content_type.c_str());
  evhttp_add_header(headers, "Content-Length", std::to_string(response.body.size()).c_str());
  evhttp_add_header(headers, "Cache-Control", "no-store");
  evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
  if (response.status == 401) evhttp_add_header(headers, "WWW-Authenticate", "Bearer");
  const std::unique_ptr<evbuffer, FreeBuffer> body{evbuffer_new()};
  if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
    evbuffer_add(body.get(), response.body.data(), response.body.size());
  evhttp_send_reply(request, response.status, nullptr, body.get());
}

SocketAddress bound_address(evhttp_bound_socket* socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  ::getsockname(evhttp_bound_socket_get_fd(socket), address, &length);
  return SocketAddress::from_sockaddr(address);
}

}  // namespace

Response text(int status, std::string body) { return {status, "text/plain; charset=utf-8", std::move(body)}; }
Response json(int status, std::string body) { return {status, "application/json", std::move(body)}; }

std::string query_value(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    std::string_view pair = take_until(query, '&');
    if (decode(take_until(pair, '='), true) == key) return decode(pair, true);
  }
  return {};
}

Server::Settings::Settings() : bind{IpAddress::v4({127, 0, 0, 1}), Port{0}} {}

/// evhttp does the protocol; this decides who may ask and which handler answers.
class Server::Impl {
 public:
  Impl(event::Loop& loop, Settings settings) : settings_(std::move(settings)), http_(evhttp_new(loop.base())) {
    evhttp_set_max_headers_size(http_.get(), kMaxHeaders);
    evhttp_set_max_body_size(http_.get(), static_cast<ev_ssize_t>(settings_.max_body));
    evhttp_set_allowed_methods(http_.get(), kAllowed);
    evhttp_set_timeout(http_.get(),
                       static_cast<int>(std::chrono::ceil<std::chrono::seconds>(settings_.timeout).count()));
    evhttp_set_gencb(
        http_.get(), [](evhttp_request* request, void* self) { static_cast<Impl*>(self)->serve(request); }, this);
  }

  Result<std::monostate, std::string> bind() {
    errno = 0;
    evhttp_bound_socket* socket =
        evhttp_bind_socket_with_handle(http_.get(), settings_.bind.ip.to_string().c_str(), settings_.bind.port.value);
    if (socket == nullptr)
      return Err{fmt::format("admin listener {}: {}; choose a free address of this machine", settings_.bind.to_string(),
                             std::strerror(errno))};
    local_ = bound_address(socket);
    return std::monostate{};
  }

  void route(std::string path, Handler handler, Access access) {
    routes_.insert_or_assign(std::move(path), Route{std::move(handler), access});
  }

  const SocketAddress& local() const noexcept { return local_; }

 private:
  struct Route {
    Handler handler;
    Access access;
  };

  void serve(evhttp_request* raw) {
    const auto method = method_of(evhttp_request_get_command(raw));
    if (!method) return reply(raw, text(405, "method not allowed\n"));
    const Request request = read_request(raw, *method);
    const Route* route = find(request.path);
    if ((route == nullptr || route->access == Access::Token) && !may_ask(raw))
      return reply(raw, text(401, "bearer token needed\n"));
    if (route == nullptr) return reply(raw, text(404, "no such resource\n"));
    if (request.method != Method::Get && !header(raw, "Origin").empty())
      return reply(raw, text(403, "changes are not taken from web pages\n"));
    reply(raw, route->handler(request));
  }

  bool may_ask(evhttp_request* request) const {
    if (settings_.token.empty()) return true;
    constexpr std::string_view kScheme = "Bearer ";
    std::string_view given = header(request, "Authorization");
    if (!istarts_with(given, kScheme)) return false;
    given.remove_prefix(kScheme.size());
    return crypto::constant_time_equal(as_bytes(trim(given)), as_bytes(settings_.token));
  }

  const Route* find(const std::string& path) const {
    if (const auto exact = routes_.find(path); exact != routes_.end()) return &exact->second;
    for (std::size_t slash = path.rfind('/'); slash != std::string::npos;
         slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1)) {
      const auto prefix = routes_.find(path.substr(0, slash + 1));
      if (prefix != routes_.end() && prefix->first != "/") return &prefix->second;
    }
    return nullptr;
  }

  Settings settings_;
  std::unique_ptr<evhttp, FreeHttp> http_;
  std::map<std::string, Route, std::less<>> routes_;
  SocketAddress local_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>, std::string> Server::listen(event::Loop& loop, Settings settings) {
  auto impl = std::make_unique<Impl>(loop, std::move(settings));
  if (const auto bound = impl->bind(); !bound) return Err{bound.error()};
  return std::unique_ptr<Server>{new Server{std::move(impl)}};
}

void Server::route(std::string path, Handler handler, Access access) {
  impl_->route(std::move(path), std::move(handler), access);
}
const SocketAddress& Server::local() const noexcept { return impl_->local(); }

}  // namespace common::http
