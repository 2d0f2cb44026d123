#include "proxy/transport/http_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/text.h"

namespace proxy::transport {
namespace {

constexpr std::size_t kMaxHead = std::size_t{16} << 10;
constexpr std::size_t kMaxFields = 100;
constexpr std::string_view kLineEnd = "\r\n";

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

bool is_visible(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_field_value(std::string_view text) noexcept {
  return std::ranges::all_of(text,
                             [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

/// `GET /path HTTP/1.1`
bool read_request_line(std::string_view line, HttpHead& head) {
  head.method = common::take_until(line, ' ');
  head.target = common::take_until(line, ' ');
  head.keep_alive = line == "HTTP/1.1";
  return is_token(head.method) && head.target.starts_with('/') && is_visible(head.target) &&
         (line == "HTTP/1.1" || line == "HTTP/1.0");
}

bool read_field(std::string_view line, HttpHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  const std::string_view value = common::trim(line.substr(colon + 1));
  if (!is_field_value(value) || head.fields.size() == kMaxFields) return false;
  head.fields.emplace_back(common::to_lower(line.substr(0, colon)), value);
  return true;
}

bool has_body(const HttpHead& head) {
  return head.count("transfer-encoding") > 0 ||
         (head.count("content-length") > 0 &&
          (head.count("content-length") > 1 || head.value("content-length") != "0"));
}

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 426:
      return "Upgrade Required";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Error";
  }
}

}  // namespace

std::string_view HttpHead::value(std::string_view name) const noexcept {
  const auto found = std::ranges::find(fields, name, [](const auto& field) { return std::string_view{field.first}; });
  return found == fields.end() ? std::string_view{} : std::string_view{found->second};
}

std::size_t HttpHead::count(std::string_view name) const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count(fields, name, [](const auto& field) { return std::string_view{field.first}; }));
}

bool HttpHead::lists(std::string_view name, std::string_view word) const noexcept {
  for (const auto& [field, value] : fields) {
    std::string_view rest = value;
    while (field == name && !rest.empty())
      if (common::iequals(common::trim(common::take_until(rest, ',')), word)) return true;
  }
  return false;
}

common::Result<std::optional<HttpHead>, HttpError> parse_http_head(std::string_view bytes, std::size_t& size) {
  if (!bytes.empty() && !is_token(bytes.substr(0, 1))) return common::Err{HttpError::Malformed};
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos ? bytes.size() > kMaxHead : end > kMaxHead) return common::Err{HttpError::TooLarge};
  if (end == std::string_view::npos) return std::optional<HttpHead>{};
  size = end + 4;
  std::string_view lines = bytes.substr(0, end + 2);
  HttpHead head;
  for (bool first = true; !lines.empty(); first = false) {
    const std::size_t line_end = lines.find(kLineEnd);
    const std::string_view line = lines.substr(0, line_end);
    if (!(first ? read_request_line(line, head) : read_field(line, head))) return common::Err{HttpError::Malformed};
    lines.remove_prefix(line_end + kLineEnd.size());
  }
  if (has_body(head)) return common::Err{HttpError::BodyNotAllowed};
  if (head.lists("connection", "close")) head.keep_alive = false;
  return std::optional{std::move(head)};
}

std::string http_response_head(int status, std::string_view fields, std::optional<std::size_t> length,
                               bool keep_alive) {
  const std::string length_field = length ? fmt::format("Content-Length: {}\r\n", *length) : std::string{};
  return fmt::format("HTTP/1.1 {} {}\r\n{}{}Connection: {}\r\n\r\n", status, reason_of(status), fields, length_field,
                     keep_alive ? "keep-alive" : "close");
}

std::string http_response(int status, std::string_view fields, std::string_view body, bool keep_alive) {
  return http_response_head(status, fields, body.size(), keep_alive).append(body);
}

}  // namespace proxy::transport
