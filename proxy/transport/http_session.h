#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/transport/http_head.h"
#include "proxy/transport/static_files.h"
#include "proxy/transport/stats.h"
#include "proxy/transport/ws_handshake.h"

namespace proxy::transport {

/// The HTTP side of a WS or WSS listener.
struct WebFront {
  WsPolicy policy;
  StaticFiles files;
};

/// HTTP on one WS or WSS connection until it upgrades: files, one request after another, then an upgrade or its
/// refusal. Sans-IO: push() what arrived, then poll() until it gives nothing. While is_serving(), write next_slice()
/// until there is none and push nothing; then poll() again, for what came with the request.
class HttpSession {
 public:
  /// A page, or that there is none. The file's bytes follow by next_slice().
  struct Served {
    std::string bytes;
  };
  /// The connection is a WebSocket once `bytes` are written.
  struct Upgraded {
    std::string bytes;
    std::string rest;  // came behind the request: the first frames
  };
  /// `bytes` say why; nothing comes after them.
  struct Refused {
    std::string bytes;
    Refusal why;
  };
  using Output = std::variant<Served, Upgraded, Refused>;

  /// `front` is borrowed.
  explicit HttpSession(WebFront& front) noexcept : front_(front) {}

  /// What comes after the last answer is dropped.
  void push(std::string_view bytes);
  /// The answer to the next request; nullopt: it is not here yet, or a file is being served, or all is said.
  std::optional<Output> poll();

  /// The next bytes of the file, so few that a slow reader holds little of it; empty when there are none.
  std::string next_slice();
  /// Not all of a file is taken by next_slice() yet.
  bool is_serving() const noexcept { return body_ != nullptr; }
  /// A request was answered by a page.
  bool has_served() const noexcept { return has_served_; }
  /// The last answer is wholly taken: write it, then close.
  bool finished() const noexcept { return is_last_ && !is_serving(); }

 private:
  Output answer(const HttpHead& head);
  Served serve(const HttpHead& head);
  Output upgrade(const HttpHead& head);
  Refused refuse(HttpError error);

  WebFront& front_;
  std::string buffer_;
  std::shared_ptr<const std::string> body_;  // of a file, shared with the cache of StaticFiles
  std::size_t body_at_ = 0;
  bool has_served_ = false;
  bool is_last_ = false;
};

}  // namespace proxy::transport
