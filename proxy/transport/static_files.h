#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/transport/http_head.h"

namespace proxy::transport {

/// The web phone's files beside the WebSocket: one folder, read-only, GET and HEAD.
/// A file is read when it is first asked for and again when it has changed; all responses share the bytes.
class StaticFiles {
 public:
  struct Response {
    std::string head;                         // status line and fields
    std::shared_ptr<const std::string> body;  // may be null; shared with the cache and with other slow readers
    bool keep_alive = true;
  };

  static constexpr std::size_t kMaxFile = 8 << 20;
  static constexpr std::size_t kMaxCached = 32 << 20;

  /// `root` empty: everything is 404.
  explicit StaticFiles(std::string root) : root_(std::move(root)) {}

  Response serve(const HttpHead& request);

  /// The file inside the root that a request's path names: percent-decoded, `/` at the end means index.html.
  /// nullopt for anything that steps out of the root or names a hidden file.
  static std::optional<std::string> relative_file(std::string_view path);

 private:
  struct File {
    std::shared_ptr<const std::string> content;
    std::string etag;
  };
  std::optional<File> load(const std::string& name);
  bool is_inside_root(const std::string& path) const;

  std::string root_;
  std::unordered_map<std::string, File> cache_;
  std::size_t cached_bytes_ = 0;
};

}  // namespace proxy::transport
