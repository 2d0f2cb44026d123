#include <algorithm>

#include "common/config/load.h"

namespace common::config {

std::string Problem::to_string() const {
  std::string text = origin;
  if (line != 0) text += ':' + std::to_string(line);
  text += ": ";
  if (!key.empty()) text += key + ' ';
  if (!value.empty()) text += value + ' ';
  return text + complaint.problem + "; " + complaint.remedy;
}

Report::Place Report::place_of(std::string_view key) const {
  while (true) {
    if (const auto found = places_.find(key); found != places_.end()) return found->second;
    if (key.empty()) return {};
    const auto dot = key.rfind('.');
    key = dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
  }
}

bool Report::is_set(std::string_view key) const { return places_.contains(key); }

void Report::complain(std::string_view key, std::string_view value, std::string problem, std::string remedy) {
  const auto same_key = [&](const Problem& known) { return known.key == key; };
  if (std::any_of(problems_.begin(), problems_.end(), same_key)) return;  // its value is a default by now
  Place place = place_of(key);
  add({std::move(place.origin),
       place.line,
       std::string{key},
       std::string{value},
       {std::move(problem), std::move(remedy)}});
}

Problems Report::take() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return std::move(problems_);
}

}  // namespace common::config
