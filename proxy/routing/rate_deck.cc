#include "proxy/routing/rate_deck.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/text.h"

namespace proxy::routing {
namespace {

constexpr std::size_t kMostMistakes = 20;
constexpr std::size_t kShown = 40;
constexpr std::size_t kMostFields = 3;

std::string_view unquoted(std::string_view field) {
  field = common::trim(field);
  const bool is_quoted = field.size() >= 2 && field.front() == '"' && field.back() == '"';
  return is_quoted ? field.substr(1, field.size() - 2) : field;
}

class Reader {
 public:
  RateDeck read(std::string_view text) {
    while (!text.empty() && deck_.mistakes.size() < kMostMistakes) {
      ++line_;
      read_line(common::trim(common::take_until(text, '\n')));
    }
    check_repeats();
    return std::move(deck_);
  }

 private:
  struct Numbered {
    NumberPrefix prefix;
    unsigned line = 0;
  };

  void read_line(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    const char separator = line.find(';') == std::string_view::npos ? ',' : ';';
    const auto fields = common::split(line, separator);
    if (deck_.rates.empty() && deck_.mistakes.empty() && common::iequals(unquoted(fields.front()), "prefix")) return;
    if (fields.size() < 2 || fields.size() > kMostFields) {
      return complain(line, "is not a rate", "write prefix,price or prefix,price,increment");
    }
    if (deck_.rates.size() == kMostRates) return complain(line, "is a rate too many", "leave at most 1000000 of them");
    const auto prefix = NumberPrefix::parse(unquoted(fields[0]));
    const auto price = Price::parse(unquoted(fields[1]));
    const auto increment = fields.size() < kMostFields ? Increment{} : Increment::parse(unquoted(fields[2]));
    if (!prefix) return complain(fields[0], "is not a prefix", "write 1 to 15 digits of an E.164 number");
    if (!price) return complain(fields[1], "is not a price", "write e.g. 0.0125, at most nine digits behind the point");
    if (!increment) return complain(fields[2], "is not a billing increment", "write seconds as in 60/1");
    deck_.rates.push_back({*prefix, *price, *increment});
    seen_.push_back({*prefix, line_});
  }

  void check_repeats() {
    std::ranges::stable_sort(seen_, {}, &Numbered::prefix);
    for (std::size_t i = 1; i < seen_.size(); ++i) {
      if (seen_[i].prefix != seen_[i - 1].prefix) continue;
      line_ = seen_[i].line;
      complain(seen_[i].prefix.to_string(), "has a rate on line " + std::to_string(seen_[i - 1].line) + " already",
               "leave one of them");
    }
  }

  void complain(std::string_view value, std::string problem, std::string remedy) {
    if (deck_.mistakes.size() == kMostMistakes) return;
    deck_.mistakes.push_back({line_, std::string{value.substr(0, kShown)}, std::move(problem), std::move(remedy)});
  }

  RateDeck deck_;
  std::vector<Numbered> seen_;
  unsigned line_ = 0;
};

}  // namespace

RateDeck read_rate_deck(std::string_view text) { return Reader{}.read(text); }

}  // namespace proxy::routing
