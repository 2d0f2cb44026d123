#include "common/config/load.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/base/text.h"
#include "common/config/nearest.h"

namespace common::config {
namespace {

constexpr std::size_t kLargestFile = std::size_t{4} << 20;

std::string_view type_name(Type type) {
  switch (type) {
    case Type::Flag:
      return "true or false";
    case Type::Integer:
      return "a whole number";
    case Type::Duration:
      return "a duration in quotes such as \"60s\"";
    case Type::Size:
      return "a size in quotes such as \"64KiB\"";
    case Type::Text:
    case Type::Secret:
      return "a text in quotes";
    case Type::TextList:
      return "a list of texts such as [\"a\", \"b\"]";
  }
  return "";
}

Complaint wrong_type(Type type) { return {"has the wrong type", fmt::format("write {}", type_name(type))}; }

Result<Value, Complaint> to_value(Result<Duration, Complaint> parsed) {
  if (!parsed) return Err{std::move(parsed.error())};
  return Value{*parsed};
}
Result<Value, Complaint> to_value(Result<std::int64_t, Complaint> parsed) {
  if (!parsed) return Err{std::move(parsed.error())};
  return Value{*parsed};
}

Result<Value, Complaint> list_value(const toml::node& node) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return Err{wrong_type(Type::TextList)};
  std::vector<std::string> items;
  for (const toml::node& item : *array) {
    if (const auto text = item.value_exact<std::string>())
      items.push_back(*text);
    else if (const auto number = item.value_exact<std::int64_t>())
      items.push_back(std::to_string(*number));
    else
      return Err{wrong_type(Type::TextList)};
  }
  return Value{std::move(items)};
}

/// The value of a TOML node as `type` wants it.
Result<Value, Complaint> value_of(const toml::node& node, Type type) {
  const auto text = node.value_exact<std::string>();
  switch (type) {
    case Type::Flag:
      if (const auto flag = node.value_exact<bool>()) return Value{*flag};
      break;
    case Type::Integer:
      if (const auto number = node.value_exact<std::int64_t>()) return Value{*number};
      break;
    case Type::Duration:
      if (text) return to_value(parse_duration(*text));
      break;
    case Type::Size:
      if (text) return to_value(parse_size(*text));
      if (const auto number = node.value_exact<std::int64_t>()) return Value{*number};
      break;
    case Type::Text:
    case Type::Secret:
      if (text) return Value{*text};
      break;
    case Type::TextList:
      return list_value(node);
  }
  return Err{wrong_type(type)};
}

/// The value of an override's text as `type` wants it.
Result<Value, Complaint> value_of(std::string_view text, Type type) {
  switch (type) {
    case Type::Flag:
      if (text == "true" || text == "yes" || text == "1") return Value{true};
      if (text == "false" || text == "no" || text == "0") return Value{false};
      return Err{Complaint{"is not a yes or no", "write true or false"}};
    case Type::Integer:
      if (const auto number = parse_number<std::int64_t>(text)) return Value{*number};
      return Err{Complaint{"is not a whole number", "write digits only"}};
    case Type::Duration:
      return to_value(parse_duration(text));
    case Type::Size:
      return to_value(parse_size(text));
    case Type::Text:
    case Type::Secret:
      return Value{std::string{text}};
    case Type::TextList: {
      std::vector<std::string> items;
      for (const std::string_view item : split(text, ',')) {
        if (!trim(item).empty()) items.emplace_back(trim(item));
      }
      return Value{std::move(items)};
    }
  }
  return Err{wrong_type(type)};
}

/// A node as it may be printed in a message.
std::string shown(const toml::node& node, Type type) {
  if (type == Type::Secret) return "***";
  if (const auto text = node.value_exact<std::string>()) return quote(*text);
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  return "";
}

std::string join(const std::string& path, std::string_view key) {
  return path.empty() ? std::string{key} : path + '.' + std::string{key};
}

/// Walks a TOML document along the declared tables.
class Reader {
 public:
  Reader(const Source& source, Report& report) : source_(source), report_(report) {}

  void read(const TableDecl& decl, const toml::table& table, void* target, const std::string& path) {
    report_.remember(path, {source_.name, line_of(table)});
    for (const auto& [key, node] : table) read_entry(decl, key, node, target, path);
    for (const Option& option : decl.options) {
      if (!option.required || table.contains(option.key)) continue;
      add(table, join(path, option.key), "", {"is missing", fmt::format("add {} = … ({})", option.key, option.form)});
    }
  }

 private:
  static unsigned line_of(const toml::node& node) { return static_cast<unsigned>(node.source().begin.line); }

  void add(const toml::node& node, std::string key, std::string value, Complaint complaint) {
    report_.add({source_.name, line_of(node), std::move(key), std::move(value), std::move(complaint)});
  }

  void read_entry(const TableDecl& decl, const toml::key& key, const toml::node& node, void* target,
                  const std::string& path) {
    const std::string full = join(path, key.str());
    report_.remember(full, {source_.name, static_cast<unsigned>(key.source().begin.line)});
    for (const Option& option : decl.options) {
      if (option.key == key.str()) return read_option(option, node, target, full);
    }
    for (const TableDecl& child : decl.children) {
      if (child.name == key.str()) return read_child(child, node, target, full);
    }
    report_.add({source_.name, static_cast<unsigned>(key.source().begin.line), full, "", unknown(decl, key.str())});
  }

  static Complaint unknown(const TableDecl& decl, std::string_view key) {
    std::vector<std::string> names;
    names.reserve(decl.options.size() + decl.children.size());
    for (const Option& option : decl.options) names.push_back(option.key);
    for (const TableDecl& child : decl.children) names.push_back(child.name);
    const auto near = nearest(key, names);
    return {"is not a known key",
            near ? fmt::format("did you mean {}?", *near) : "known here: " + detail::list_of(names)};
  }

  void read_option(const Option& option, const toml::node& node, void* target, const std::string& full) {
    const auto value = value_of(node, option.type);
    if (!value) return add(node, full, shown(node, option.type), value.error());
    if (auto complaint = option.store(target, *value)) add(node, full, shown(node, option.type), *complaint);
  }

  void read_child(const TableDecl& child, const toml::node& node, void* target, const std::string& full) {
    if (!child.repeated) {
      if (const toml::table* table = node.as_table()) return read(child, *table, child.enter(target), full);
      return add(node, full, "", {"is not a table", fmt::format("write [{}]", full)});
    }
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      return add(node, full, "", {"is not a list of tables", fmt::format("write [[{}]] with two brackets", full)});
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
      const toml::table* table = (*array)[i].as_table();
      const std::string place = fmt::format("{}[{}]", full, i + 1);
      if (table == nullptr) {
        add((*array)[i], place, "", {"is not a table", "write { key = value, … }"});
      } else {
        read(child, *table, child.enter(target), place);
      }
    }
  }

  const Source& source_;
  Report& report_;
};

void parse_file(const TableDecl& root, void* target, const Source& source, Report& report) {
  try {
    const toml::table document = toml::parse(source.text, source.name);
    Reader{source, report}.read(root, document, target, "");
  } catch (const toml::parse_error& error) {
    report.add({source.name,
                static_cast<unsigned>(error.source().begin.line),
                "",
                "",
                {fmt::format("column {}: {}", error.source().begin.column, error.description()),
                 "mend the TOML syntax at this place"}});
  }
}

struct Found {
  const Option* option = nullptr;
  void* target = nullptr;
};

Found find_option(const TableDecl& table, void* target, std::string_view key) {
  for (const Option& option : table.options) {
    if (option.key == key) return {&option, target};
  }
  const std::string_view name = take_until(key, '.');
  for (const TableDecl& child : table.children) {
    if (!child.repeated && child.name == name) return find_option(child, child.enter(target), key);
  }
  return {};
}

/// Overrides of one list are one list: `--interface a --interface b`.
std::vector<Override> merged(const TableDecl& root, void* target, const std::vector<Override>& overrides) {
  std::vector<Override> out;
  for (const Override& override : overrides) {
    const auto same = std::find_if(out.begin(), out.end(), [&](const Override& o) {
      return o.key == override.key && o.origin == override.origin;
    });
    const Option* option = find_option(root, target, override.key).option;
    if (same != out.end() && option != nullptr && option->type == Type::TextList) {
      same->value += ',' + override.value;
    } else {
      out.push_back(override);
    }
  }
  return out;
}

void apply(const Override& override, const Found& found, Report& report) {
  report.remember(override.key, {override.origin, 0});
  const std::string printed = found.option->type == Type::Secret ? "***" : quote(override.value);
  const auto value = value_of(std::string_view{override.value}, found.option->type);
  if (!value) return report.add({override.origin, 0, override.key, printed, value.error()});
  if (auto complaint = found.option->store(found.target, *value)) {
    report.add({override.origin, 0, override.key, printed, *complaint});
  }
}

void collect_environment(const TableDecl& table, const std::string& path, const std::string& variable,
                         const std::function<const char*(const char*)>& lookup, std::vector<Override>& out) {
  const auto upper = [](std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
  };
  for (const Option& option : table.options) {
    const std::string name = variable + '_' + upper(option.key);
    if (const char* value = lookup(name.c_str())) out.push_back({join(path, option.key), value, name});
  }
  for (const TableDecl& child : table.children) {
    if (!child.repeated)
      collect_environment(child, join(path, child.name), variable + '_' + upper(child.name), lookup, out);
  }
}

}  // namespace

Result<Source, Problem> read_source(const std::string& path) {
  const auto refuse = [&](std::string problem, std::string remedy) {
    return Err{Problem{path, 0, "", "", {std::move(problem), std::move(remedy)}}};
  };
  std::ifstream file{path, std::ios::binary};
  if (!file) return refuse(fmt::format("cannot be read: {}", std::strerror(errno)), "name a readable file");
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refuse("cannot be read", "name a readable file");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) return refuse("is larger than 4MiB", "name a configuration file");
  return Source{path, std::move(text)};
}

std::vector<Override> overrides_from_environment(const TableDecl& root, std::string_view prefix,
                                                 const std::function<const char*(const char*)>& lookup) {
  std::vector<Override> out;
  collect_environment(root, "", std::string{prefix}, lookup, out);
  return out;
}

void load_into(const TableDecl& root, void* target, const Source& source, const std::vector<Override>& overrides,
               Report& report) {
  report.remember("", {source.name, 0});
  parse_file(root, target, source, report);
  for (const Override& override : merged(root, target, overrides)) {
    const Found found = find_option(root, target, override.key);
    if (found.option == nullptr) {
      report.add({override.origin, 0, override.key, "", {"is not a known key", "see the reference for the keys"}});
    } else {
      apply(override, found, report);
    }
  }
}

}  // namespace common::config
