#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/routing/rate_table.h"

namespace proxy::routing {

/// The most rates of one trunk.
inline constexpr std::size_t kMostRates = 1'000'000;

/// A rate deck as carriers hand it out.
struct RateDeck {
  struct Mistake {
    unsigned line = 0;
    std::string value;  // the field, cut to what a message bears
    std::string problem;
    std::string remedy;
  };
  std::vector<Rate> rates;
  std::vector<Mistake> mistakes;  // the first twenty
};

/// Reads lines of `prefix,price` or `prefix,price,increment` (also with `;`, quotes around a field, CR LF). Empty lines
/// and those that begin with `#` say nothing, nor does a first line that begins with `prefix`.
RateDeck read_rate_deck(std::string_view text);

}  // namespace proxy::routing
