#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "control-protocol/message/value.h"

namespace ng {

/// Cuts a byte stream into ng messages (cookie, space, dictionary), which may follow one another directly or behind
/// white space. An error is final: the stream has lost its rhythm and is to be closed.
class StreamFramer {
 public:
  explicit StreamFramer(Limits limits = {}) : limits_(limits) {}

  void push(std::string_view bytes);
  /// The next whole message, nothing while more bytes are needed, or the error.
  [[nodiscard]] common::Result<std::optional<std::string>, DecodeError> next();

 private:
  Limits limits_;
  std::string pending_;
};

}  // namespace ng
