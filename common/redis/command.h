#pragma once

#include <string>
#include <vector>

namespace common::redis {

/// Name and arguments; any bytes.
using Command = std::vector<std::string>;

/// As it goes over the wire: an array of bulk strings.
std::string to_wire(const Command& command);

}  // namespace common::redis
