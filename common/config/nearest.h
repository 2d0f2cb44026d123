#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common::config {

/// Fewest insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate a typing error away from `word` (two edits, or up to a third of its length), if there is one; the
/// first of several as near. Words beyond 64 characters are not looked at.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace common::config
