#include "proxy/routing/pattern.h"

namespace proxy::routing {
namespace {

constexpr std::size_t kLongestPattern = 128;

std::string range(char first, char last) {
  std::string out;
  for (char c = first;; ++c) {  // a range may end at the last character there is
    out += c;
    if (c == last) return out;
  }
}

/// The characters of `[…]` without its brackets; empty: malformed.
std::string class_members(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_range = i + 2 < text.size() && text[i + 1] == '-';
    if (is_range && text[i] > text[i + 2]) return {};
    out += is_range ? range(text[i], text[i + 2]) : std::string(1, text[i]);
    i += is_range ? 2 : 0;
  }
  return out;
}

}  // namespace

std::string_view to_string(Pattern::Error error) noexcept {
  switch (error) {
    case Pattern::Error::Empty:
      return "is empty";
    case Pattern::Error::TooLong:
      return "is longer than 128 characters";
    case Pattern::Error::BadClass:
      return "has a [class] that is empty, backwards or not closed";
    case Pattern::Error::DotNotLast:
      return "has a . that is not at its end";
  }
  return "";
}

common::Result<Pattern, Pattern::Error> Pattern::parse(std::string_view text) {
  if (text.empty()) return common::Err{Error::Empty};
  if (text.size() > kLongestPattern) return common::Err{Error::TooLong};
  Pattern pattern;
  pattern.text_ = std::string{text};
  if (text == "default") return pattern;
  pattern.items_.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '*':
        pattern.items_.push_back({Item::Kind::Star, {}});
        break;
      case '?':
        pattern.items_.push_back({Item::Kind::Any, {}});
        break;
      case 'X':
        pattern.items_.push_back({Item::Kind::Set, range('0', '9')});
        break;
      case 'Z':
        pattern.items_.push_back({Item::Kind::Set, range('1', '9')});
        break;
      case 'N':
        pattern.items_.push_back({Item::Kind::Set, range('2', '9')});
        break;
      case '.':
        if (i + 1 != text.size()) return common::Err{Error::DotNotLast};
        pattern.items_.push_back({Item::Kind::Any, {}});
        pattern.items_.push_back({Item::Kind::Star, {}});
        break;
      case '[': {
        const auto close = text.find(']', i);
        const auto members = close == std::string_view::npos ? "" : class_members(text.substr(i + 1, close - i - 1));
        if (members.empty()) return common::Err{Error::BadClass};
        pattern.items_.push_back({Item::Kind::Set, members});
        i = close;
        break;
      }
      default:
        pattern.items_.push_back({Item::Kind::Set, std::string(1, text[i])});
    }
  }
  return pattern;
}

bool Pattern::fits(const Item& item, char c) noexcept {
  return item.kind == Item::Kind::Any || item.set.find(c) != std::string::npos;
}

bool Pattern::matches(std::string_view number) const noexcept {
  std::size_t item = 0;
  std::size_t at = 0;
  std::size_t star = std::string::npos;  // the last star passed, and where the text it swallows ends
  std::size_t swallowed = 0;
  while (at < number.size()) {
    if (item < items_.size() && items_[item].kind == Item::Kind::Star) {
      star = item++;
      swallowed = at;
    } else if (item < items_.size() && fits(items_[item], number[at])) {
      ++item;
      ++at;
    } else if (star != std::string::npos) {
      item = star + 1;
      at = ++swallowed;
    } else {
      return false;
    }
  }
  while (item < items_.size() && items_[item].kind == Item::Kind::Star) ++item;
  return item == items_.size();
}

}  // namespace proxy::routing
