#pragma once

#include <string>

#include "common/base/result.h"

namespace ctl::http {

/// Body of a 200 answer. At most 64 MiB and ten seconds. Error: what happened, for a person.
[[nodiscard]] common::Result<std::string, std::string> get(const std::string& url, const std::string& token);

}  // namespace ctl::http
