#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/instant.h"
#include "proxy/store/binding.h"

/// What the nodes of a pair share through Redis; docs/redis.md has the schema.
namespace proxy::redis {

/// What a text is written or read with: the time on both clocks, and which process this is.
struct Frame {
  common::Instant now;
  common::WallTime wall;
  transport::ProcessId self;  // stands in the text for 0
};

/// Bindings as a JSON array: expiry in milliseconds since 1970, flows with the process that has their socket.
std::string to_text(const std::vector<store::Binding>& bindings, const Frame& frame);

/// nullopt: not such a text, or a value out of its range.
std::optional<std::vector<store::Binding>> read_bindings(std::string_view text, const Frame& frame);

}  // namespace proxy::redis
