#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/redis/reply.h"

struct redisReader;

namespace common::redis {

/// Bytes of one connection into replies.
class Reader {
 public:
  enum class Failure : std::uint8_t {
    Malformed,  // not RESP2, or nested deeper than hiredis reads
    TooLarge    // more bytes than `limit` without a whole reply
  };

  explicit Reader(std::size_t limit);

  void feed(std::string_view bytes);
  /// The next whole reply; nullopt: feed more. After a failure the connection is worthless.
  [[nodiscard]] Result<std::optional<Reply>, Failure> next();

 private:
  struct Free {
    void operator()(redisReader* reader) const noexcept;
  };
  std::unique_ptr<redisReader, Free> reader_;
  std::size_t limit_;
};

}  // namespace common::redis
