#pragma once

#include <string>
#include <string_view>

namespace proxy::sip {

/// Takes one line without its end off `text`; CRLF and a bare LF both end one (not every phone writes the CR).
/// `unfold`: continuation lines (RFC 3261 §7.3.1) are joined with one space.
std::string take_line(std::string_view& text, bool unfold);

/// True if a control character other than a tab stands in `text`.
bool has_control(std::string_view text) noexcept;

/// True if a control character stands in `text` other than a tab or a quoted pair inside of quotes (RFC 3261 §25.1).
bool has_stray_control(std::string_view text) noexcept;

}  // namespace proxy::sip
