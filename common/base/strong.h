#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace common {

/// A number that cannot be mixed up with another number: `using Ssrc = Strong<struct SsrcTag, std::uint32_t>;`.
template <class Tag, class Rep>
struct Strong {
  using rep = Rep;
  Rep value{};
  friend constexpr auto operator<=>(Strong, Strong) = default;
};

}  // namespace common

template <class Tag, class Rep>
struct std::hash<common::Strong<Tag, Rep>> {
  std::size_t operator()(common::Strong<Tag, Rep> strong) const noexcept { return std::hash<Rep>{}(strong.value); }
};
