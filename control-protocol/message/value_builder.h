#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "control-protocol/message/value.h"

namespace ng {

/// Builds one dictionary out of the events of a decoder, with an explicit stack in place of recursion, and holds every
/// bound. Each call gives false once the message is refused; `error()` says why.
class ValueBuilder {
 public:
  explicit ValueBuilder(const Limits& limits) : limits_(limits) {}

  bool key(std::string text);
  bool value(Value value);
  bool begin(Value container);
  bool end();
  bool fail(DecodeError error);

  bool inside_dictionary() const noexcept { return !open_.empty() && open_.back().container.dictionary() != nullptr; }
  bool wants_key() const noexcept { return inside_dictionary() && !open_.back().key; }
  bool inside() const noexcept { return !open_.empty(); }
  bool complete() const noexcept { return root_.has_value(); }
  std::optional<DecodeError> error() const noexcept { return error_; }
  Dictionary take() { return std::move(*root_); }

 private:
  struct Open {
    Value container;
    std::optional<std::string> key;
  };

  Limits limits_;
  std::size_t values_ = 0;
  std::vector<Open> open_;
  std::optional<Dictionary> root_;
  std::optional<DecodeError> error_;
};

}  // namespace ng
