#include "common/redis/reply.h"

#include "common/base/text.h"

namespace common::redis {

std::optional<std::int64_t> Reply::integer() const noexcept {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const std::string* digits = text()) return parse_number<std::int64_t>(*digits);
  return std::nullopt;
}

}  // namespace common::redis
