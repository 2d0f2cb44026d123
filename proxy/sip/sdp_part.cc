#include "proxy/sip/sdp_part.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "proxy/sip/params.h"

namespace proxy::sip {
namespace {

constexpr std::size_t kMaxBoundary = 70;  // RFC 2046 §5.1.1

bool is_sdp(std::string_view content_type) {
  return common::iequals(common::trim(common::take_until(content_type, ';')), "application/sdp");
}

/// `--` and the boundary; nullopt: the type is not multipart, or names none.
std::optional<std::string> delimiter_of(std::string_view content_type) {
  if (!common::istarts_with(common::trim(content_type), "multipart/")) return std::nullopt;
  const std::size_t semicolon = content_type.find(';');
  Params params;
  if (semicolon == std::string_view::npos || !params.parse(content_type.substr(semicolon))) return std::nullopt;
  std::string_view boundary = params.get("boundary");
  if (boundary.size() >= 2 && boundary.starts_with('"') && boundary.ends_with('"')) {
    boundary = boundary.substr(1, boundary.size() - 2);
  }
  if (boundary.empty() || boundary.size() > kMaxBoundary) return std::nullopt;
  return "--" + std::string{boundary};
}

/// From `from` on: where a line begins with the delimiter; npos: nowhere.
std::size_t find_delimiter(std::string_view body, std::string_view delimiter, std::size_t from) {
  for (std::size_t at = body.find(delimiter, from); at != std::string_view::npos; at = body.find(delimiter, at + 1)) {
    if (at == 0 || body[at - 1] == '\n') return at;
  }
  return std::string_view::npos;
}

enum class PartKind : std::uint8_t { Sdp, Multipart, Other };

/// Reads the header fields of a part and leaves `part` at its contents.
PartKind take_headers(std::string_view& part) {
  PartKind kind = PartKind::Other;
  while (part.contains('\n')) {  // the empty line behind them has an end too
    std::string_view line = common::trim(common::take_until(part, '\n'));
    if (line.empty()) return kind;
    const std::string_view name = common::trim(common::take_until(line, ':'));
    if (!common::iequals(name, "Content-Type") && !common::iequals(name, "c")) continue;
    kind = is_sdp(line)                                             ? PartKind::Sdp
           : common::istarts_with(common::trim(line), "multipart/") ? PartKind::Multipart
                                                                    : PartKind::Other;
  }
  return PartKind::Other;
}

/// The line break before a delimiter belongs to the delimiter.
std::string_view without_line_break(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

struct Part {
  PartKind kind = PartKind::Other;
  BodyPart contents;
};

/// Every part of a multipart body; nullopt: it is cut off.
std::optional<std::vector<Part>> parts_of(std::string_view body, std::string_view delimiter) {
  std::vector<Part> parts;
  std::size_t at = find_delimiter(body, delimiter, 0);
  while (at != std::string_view::npos) {
    if (body.substr(at + delimiter.size()).starts_with("--")) return parts;
    const std::size_t line_end = body.find('\n', at);
    if (line_end == std::string_view::npos) return std::nullopt;
    const std::size_t next = find_delimiter(body, delimiter, line_end + 1);
    if (next == std::string_view::npos) return std::nullopt;
    std::string_view part = without_line_break(body.substr(line_end + 1, next - line_end - 1));
    const PartKind kind = take_headers(part);
    parts.push_back({kind, {static_cast<std::size_t>(part.data() - body.data()), part.size()}});
    at = next;
  }
  return std::nullopt;
}

bool is_multipart(std::string_view content_type) {
  return common::istarts_with(common::trim(content_type), "multipart/");
}

bool is_sdp_part(const Part& part) { return part.kind == PartKind::Sdp; }

}  // namespace

std::optional<BodyPart> find_sdp(std::string_view content_type, std::string_view body) {
  if (body.empty()) return std::nullopt;
  if (is_sdp(content_type)) return BodyPart{0, body.size()};
  const auto delimiter = delimiter_of(content_type);
  const auto parts = delimiter ? parts_of(body, *delimiter) : std::nullopt;
  if (!parts) return std::nullopt;
  const auto found = std::ranges::find_if(*parts, is_sdp_part);
  if (found == parts->end()) return std::nullopt;
  return found->contents;
}

bool is_unclear(std::string_view content_type, std::string_view body) {
  if (body.empty() || !is_multipart(content_type)) return false;
  const auto delimiter = delimiter_of(content_type);
  const auto parts = delimiter ? parts_of(body, *delimiter) : std::nullopt;
  if (!parts) return true;
  return std::ranges::count_if(*parts, is_sdp_part) > 1 ||
         std::ranges::any_of(*parts, [](const Part& part) { return part.kind == PartKind::Multipart; });
}

}  // namespace proxy::sip
