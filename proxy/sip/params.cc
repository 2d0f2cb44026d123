#include "proxy/sip/params.h"

#include <algorithm>

#include "common/base/text.h"

namespace proxy::sip {

std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  bool quoted = false;
  bool bracketed = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      continue;
    } else if (c == '<' || c == '>') {
      bracketed = c == '<';
    } else if (c == separator && !bracketed) {
      pieces.push_back(common::trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  pieces.push_back(common::trim(text.substr(std::min(start, text.size()))));
  return pieces;
}

bool Params::parse(std::string_view text) {
  items_.clear();
  text = common::trim(text);
  if (text.empty()) return true;
  if (text.front() != ';') return false;
  for (std::string_view piece : split_outside_quotes(text.substr(1), ';')) {
    if (piece.empty()) continue;  // `;;` is common and harmless
    const std::string_view name = common::trim(common::take_until(piece, '='));
    if (name.empty() || name.find_first_of(" \t\"<>") != std::string_view::npos) return false;
    items_.push_back({std::string{name}, std::string{common::trim(piece)}});
  }
  return true;
}

bool Params::has(std::string_view name) const noexcept {
  return std::ranges::any_of(items_, [&](const Item& item) { return common::iequals(item.name, name); });
}

std::string_view Params::get(std::string_view name) const noexcept {
  for (const Item& item : items_) {
    if (common::iequals(item.name, name)) return item.value;
  }
  return {};
}

void Params::set(std::string_view name, std::string_view value) {
  for (Item& item : items_) {
    if (!common::iequals(item.name, name)) continue;
    item.value = value;
    return;
  }
  items_.push_back({std::string{name}, std::string{value}});
}

void Params::remove(std::string_view name) {
  std::erase_if(items_, [&](const Item& item) { return common::iequals(item.name, name); });
}

std::string Params::to_string() const {
  std::string text;
  for (const Item& item : items_) {
    text += ';';
    text += item.name;
    if (!item.value.empty()) text.append("=").append(item.value);
  }
  return text;
}

}  // namespace proxy::sip
