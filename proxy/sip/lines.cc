#include "proxy/sip/lines.h"

#include <algorithm>

#include "common/base/text.h"

namespace proxy::sip {

std::string take_line(std::string_view& text, bool unfold) {
  std::string line;
  for (bool more = true; more;) {
    std::string_view piece = common::take_until(text, '\n');
    if (piece.ends_with('\r')) piece.remove_suffix(1);
    if (!line.empty()) line += ' ';
    line += line.empty() ? piece : common::trim(piece);
    more = unfold && !line.empty() && (text.starts_with(' ') || text.starts_with('\t'));
  }
  return line;
}

namespace {
bool is_control(char c) noexcept { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }
}  // namespace

bool has_control(std::string_view text) noexcept { return std::ranges::any_of(text, is_control); }

bool has_stray_control(std::string_view text) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) {
      if (text[++i] == '\r') return true;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (is_control(c)) {
      return true;
    }
  }
  return false;
}

}  // namespace proxy::sip
