#pragma once

namespace common {

/// Visitor made of lambdas: `std::visit(Overload{[](A&) {…}, [](B&) {…}}, variant)`.
template <class... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

}  // namespace common
