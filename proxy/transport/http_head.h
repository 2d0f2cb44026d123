#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace proxy::transport {

enum class HttpError : std::uint8_t { Malformed, TooLarge, BodyNotAllowed };

/// Head of one HTTP/1.1 request, RFC 9112 §2–5, read strictly: no folded lines, no body.
struct HttpHead {
  std::string method;
  std::string target;  // origin form, begins with '/'
  bool keep_alive = true;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case

  std::string_view path() const noexcept { return std::string_view{target}.substr(0, target.find('?')); }
  /// Value of the first field of that lower-case name; empty if there is none.
  std::string_view value(std::string_view name) const noexcept;
  /// How many fields bear the name.
  std::size_t count(std::string_view name) const noexcept;
  /// Whether one of the comma-separated words of the fields of that name is `word`, without regard to case.
  bool lists(std::string_view name, std::string_view word) const noexcept;
};

/// nullopt: the head is not complete yet. `size` becomes the bytes that the head takes of `bytes`.
[[nodiscard]] common::Result<std::optional<HttpHead>, HttpError> parse_http_head(std::string_view bytes,
                                                                                 std::size_t& size);

/// `HTTP/1.1 404 Not Found` with its fields and the empty line. `fields` are whole lines, each with its CRLF. `length`
/// is that of the body; nullopt where the status has none (304).
std::string http_response_head(int status, std::string_view fields, std::optional<std::size_t> length, bool keep_alive);
/// The same with its body, ready to be sent.
std::string http_response(int status, std::string_view fields, std::string_view body, bool keep_alive);

}  // namespace proxy::transport
