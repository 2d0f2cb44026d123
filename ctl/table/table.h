#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace ctl::table {

/// Rows and columns for people: columns as wide as their content, numbers to the right, no control characters.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::string to_string() const;
};

/// The list under `key` of a JSON object as a table: one row per object, one column per key in the order of first
/// appearance; lists and objects in a cell become short text. Error: what the text lacks.
[[nodiscard]] common::Result<Table, std::string> from_json(std::string_view text, std::string_view key);

}  // namespace ctl::table
