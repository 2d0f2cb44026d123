#include "ctl/table/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ctl::table {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kWidestCell = 60;

/// What a peer wrote must not move the operator's cursor.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kWidestCell)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return text.size() > kWidestCell ? out + "…" : out;
}

std::string cell(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>().empty() ? "-" : printable(value.get<std::string>());
  if (!value.is_array()) return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::string out;
  for (const Json& item : value) {
    out += (out.empty() ? "" : ",") + (item.is_string() ? item.get<std::string>() : item.dump());
  }
  return out.empty() ? "-" : printable(out);
}

std::string title(std::string key) {
  std::transform(key.begin(), key.end(), key.begin(), [](char c) {
    return c == '_' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return key;
}

std::vector<std::string> keys_of(const Json& list) {
  std::vector<std::string> keys;
  for (const Json& object : list) {
    for (const auto& [key, value] : object.items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

/// Characters, not bytes: UTF-8 continuation bytes take no room.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos && text != "-";
}

}  // namespace

common::Result<Table, std::string> from_json(std::string_view text, std::string_view key) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains(key) || !document[key].is_array()) {
    return common::Err{"the answer has no list of " + std::string{key}};
  }
  const Json& list = document[key];
  if (!std::all_of(list.begin(), list.end(), [](const Json& item) { return item.is_object(); })) {
    return common::Err{"the answer's list of " + std::string{key} + " has an entry that is no object"};
  }
  Table table;
  const auto keys = keys_of(list);
  for (const std::string& name : keys) table.header.push_back(title(name));
  for (const Json& object : list) {
    auto& row = table.rows.emplace_back();
    for (const std::string& name : keys) row.push_back(object.contains(name) ? cell(object[name]) : "-");
  }
  return table;
}

std::string Table::to_string() const {
  std::vector<std::size_t> widths;
  widths.reserve(header.size());
  for (const std::string& name : header) widths.push_back(width(name));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  const auto write = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width(row[i]), ' ');
      const bool last = i + 1 == row.size();
      out += is_number(row[i]) ? space + row[i] : row[i] + (last ? "" : space);
      out += last ? "\n" : "  ";
    }
  };
  if (!header.empty()) write(header);
  for (const auto& row : rows) write(row);
  return out;
}

}  // namespace ctl::table
