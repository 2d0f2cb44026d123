#pragma once

#include <string>
#include <string_view>

#include "common/config/schema.h"

namespace common::config {

/// The reference page in Markdown: every table and key with type, default, range and help.
std::string reference(const TableDecl& root, std::string_view title, std::string_view environment_prefix);

/// A commented sample file: every key with its default commented out, required keys and examples in plain.
std::string sample(const TableDecl& root, std::string_view title);

}  // namespace common::config
