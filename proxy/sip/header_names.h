#pragma once

#include <string_view>

namespace proxy::sip {

/// The usual spelling of a header field's name, also for its compact form; unknown names stay as they are.
std::string_view usual_name(std::string_view name) noexcept;

/// Fields whose comma-separated values are kept apart: they are walked one by one.
bool is_split_list(std::string_view usual_name) noexcept;

}  // namespace proxy::sip
