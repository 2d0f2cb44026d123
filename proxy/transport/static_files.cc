#include "proxy/transport/static_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/net/fd.h"

namespace proxy::transport {
namespace {

struct ContentType {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array kContentTypes{
    ContentType{".html", "text/html; charset=utf-8"},
    ContentType{".js", "text/javascript; charset=utf-8"},
    ContentType{".mjs", "text/javascript; charset=utf-8"},
    ContentType{".css", "text/css; charset=utf-8"},
    ContentType{".json", "application/json"},
    ContentType{".map", "application/json"},
    ContentType{".webmanifest", "application/manifest+json"},
    ContentType{".svg", "image/svg+xml"},
    ContentType{".png", "image/png"},
    ContentType{".ico", "image/x-icon"},
    ContentType{".woff2", "font/woff2"},
    ContentType{".wav", "audio/wav"},
    ContentType{".mp3", "audio/mpeg"},
    ContentType{".ogg", "audio/ogg"},
    ContentType{".txt", "text/plain; charset=utf-8"},
};

/// The page needs its own scripts, the microphone and a WebSocket, nothing else.
constexpr std::string_view kSecurityFields =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Permissions-Policy: microphone=(self), camera=(self), geolocation=()\r\n"
    "Content-Security-Policy: default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "media-src 'self' blob: data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n";

std::string_view content_type(std::string_view name) noexcept {
  for (const ContentType& one : kContentTypes)
    if (name.ends_with(one.extension)) return one.type;
  return "application/octet-stream";
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto byte = common::hex_decode(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    decoded += static_cast<char>(byte->front());
    i += 2;
  }
  return decoded;
}

std::optional<std::string> read_file(int fd, std::size_t size) {
  std::string content(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, content.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    done += static_cast<std::size_t>(got);
  }
  return content;
}

StaticFiles::Response plain(int status, std::string_view fields, std::string_view text, const HttpHead& request) {
  const std::string all = fmt::format("{}Content-Type: text/plain; charset=utf-8\r\n{}", fields, kSecurityFields);
  std::string head = http_response_head(status, all, text.size(), request.keep_alive);
  auto body = request.method == "HEAD" ? nullptr : std::make_shared<const std::string>(text);
  return {std::move(head), std::move(body), request.keep_alive};
}

}  // namespace

std::optional<std::string> StaticFiles::relative_file(std::string_view path) {
  const auto decoded = percent_decode(path);
  if (!decoded || !decoded->starts_with('/')) return std::nullopt;
  if (decoded->find('\\') != std::string::npos || decoded->find('\0') != std::string::npos) return std::nullopt;
  std::string name = decoded->substr(1);
  if (name.empty() || name.ends_with('/')) name += "index.html";
  for (const std::string_view segment : common::split(name, '/'))
    if (segment.empty() || segment.starts_with('.')) return std::nullopt;
  return name;
}

/// A link inside the root may not lead out of it.
bool StaticFiles::is_inside_root(const std::string& path) const {
  std::error_code error;
  const auto root = std::filesystem::canonical(root_, error);
  if (error) return false;
  const auto real = std::filesystem::canonical(path, error);
  if (error) return false;
  return real.string().starts_with(root.string() + '/');
}

std::optional<StaticFiles::File> StaticFiles::load(const std::string& name) {
  const std::string path = root_ + '/' + name;
  if (!is_inside_root(path)) return std::nullopt;
  const common::Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (static_cast<std::size_t>(status.st_size) > kMaxFile) return std::nullopt;
  std::string etag = fmt::format("\"{:x}-{:x}.{:x}\"", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  if (const auto cached = cache_.find(name); cached != cache_.end()) {
    if (cached->second.etag == etag) return cached->second;
    cached_bytes_ -= cached->second.content->size();
    cache_.erase(cached);
  }
  auto content = read_file(fd.get(), static_cast<std::size_t>(status.st_size));
  if (!content) return std::nullopt;
  File file{std::make_shared<const std::string>(std::move(*content)), std::move(etag)};
  if (cached_bytes_ + file.content->size() > kMaxCached) return file;
  cached_bytes_ += file.content->size();
  cache_.emplace(name, file);
  return file;
}

StaticFiles::Response StaticFiles::serve(const HttpHead& request) {
  const bool only_head = request.method == "HEAD";
  if (request.method != "GET" && !only_head) return plain(405, "Allow: GET, HEAD\r\n", "only GET and HEAD\n", request);
  const auto name = root_.empty() ? std::nullopt : relative_file(request.path());
  const auto file = name ? load(*name) : std::nullopt;
  if (!file) return plain(404, {}, "no such page\n", request);
  const std::string fields = fmt::format("Content-Type: {}\r\nETag: {}\r\nCache-Control: no-cache\r\n{}",
                                         content_type(*name), file->etag, kSecurityFields);
  if (request.lists("if-none-match", file->etag))
    return {http_response_head(304, fields, std::nullopt, request.keep_alive), nullptr, request.keep_alive};
  return {http_response_head(200, fields, file->content->size(), request.keep_alive),
          only_head ? nullptr : file->content, request.keep_alive};
}

}  // namespace proxy::transport
