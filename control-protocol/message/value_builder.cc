#include "control-protocol/message/value_builder.h"

#include <utility>

namespace ng {

bool ValueBuilder::fail(DecodeError error) {
  if (!error_) error_ = error;
  return false;
}

bool ValueBuilder::key(std::string text) {
  if (!wants_key()) return fail(DecodeError::Malformed);
  open_.back().key = std::move(text);
  return true;
}

bool ValueBuilder::value(Value value) {
  if (++values_ > limits_.values) return fail(DecodeError::TooLarge);
  if (open_.empty()) return fail(DecodeError::NotADictionary);
  Open& top = open_.back();
  if (List* list = top.container.list()) {
    list->push_back(std::move(value));
    return true;
  }
  if (!top.key) return fail(DecodeError::Malformed);
  top.container.dictionary()->insert_or_assign(std::move(*top.key), std::move(value));
  top.key.reset();
  return true;
}

bool ValueBuilder::begin(Value container) {
  if (open_.empty() && container.dictionary() == nullptr) return fail(DecodeError::NotADictionary);
  if (wants_key()) return fail(DecodeError::Malformed);
  if (open_.size() >= limits_.depth) return fail(DecodeError::TooDeep);
  open_.push_back({std::move(container), std::nullopt});
  return true;
}

bool ValueBuilder::end() {
  if (open_.empty() || open_.back().key) return fail(DecodeError::Malformed);
  Value closed = std::move(open_.back().container);
  open_.pop_back();
  if (!open_.empty()) return value(std::move(closed));
  root_ = std::move(*closed.dictionary());
  return true;
}

}  // namespace ng
