#pragma once

#include <expected>
#include <utility>

namespace common {

/// A value or a small error enum. Functions that return one are [[nodiscard]].
template <class T, class E>
using Result = std::expected<T, E>;

/// `return Err{SrtpError::NoTailroom};`
template <class E>
using Err = std::unexpected<E>;

}  // namespace common
