#include "common/config/reference.h"

#include <fmt/format.h>

namespace common::config {
namespace {

std::string_view type_word(Type type) {
  switch (type) {
    case Type::Flag:
      return "flag";
    case Type::Integer:
      return "integer";
    case Type::Duration:
      return "duration";
    case Type::Size:
      return "size";
    case Type::Text:
      return "text";
    case Type::Secret:
      return "secret text";
    case Type::TextList:
      return "list";
  }
  return "";
}

std::string header(const TableDecl& table, const std::string& path) {
  return table.repeated ? fmt::format("[[{}]]", path) : fmt::format("[{}]", path);
}

std::string child_path(const std::string& path, const TableDecl& child) {
  return path.empty() ? child.name : path + '.' + child.name;
}

/// A pipe would end a Markdown cell.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, 1, '\\');
  return text;
}

void write_options(const TableDecl& table, std::string& out) {
  if (table.options.empty()) return;
  out += "| Key | Type | Default | Range or form | Meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const Option& option : table.options) {
    const std::string fallback = option.required           ? "required"
                                 : option.fallback.empty() ? "none"
                                                           : '`' + cell(option.fallback) + '`';
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", option.key, type_word(option.type), fallback,
                       cell(option.form), cell(option.help));
  }
  out += '\n';
}

void write_table(const TableDecl& table, const std::string& path, std::string& out) {
  if (!path.empty()) out += fmt::format("## `{}`\n\n{}\n\n", header(table, path), table.help);
  write_options(table, out);
  for (const TableDecl& child : table.children) write_table(child, child_path(path, child), out);
}

void write_sample(const TableDecl& table, const std::string& path, bool commented, std::string& out) {
  const std::string mark = commented ? "# " : "";
  if (!path.empty()) out += fmt::format("\n# {}\n{}{}\n", table.help, mark, header(table, path));
  for (const Option& option : table.options) {
    const bool plain = option.required || !option.example.empty();
    const std::string value = option.example.empty() ? option.fallback : option.example;
    out += fmt::format("# {} ({})\n", option.help, option.form);
    out += fmt::format("{}{} = {}\n", plain && !commented ? "" : "# ", option.key, value.empty() ? "\"\"" : value);
  }
  for (const TableDecl& child : table.children) {
    write_sample(child, child_path(path, child), commented || child.repeated, out);
  }
}

}  // namespace

std::string reference(const TableDecl& root, std::string_view title, std::string_view environment_prefix) {
  std::string out = fmt::format(
      "# {}\n\nThis page is written by the program from its own option table.\n\n"
      "The file is TOML. Durations take `ms`, `s`, `m`, `h`, `d`; sizes take `B`, `KiB`, `MiB`, `GiB`. "
      "A key of a table that appears once can also be set by the environment variable `{}_TABLE_KEY`.\n\n",
      title, environment_prefix);
  write_table(root, "", out);
  return out;
}

std::string sample(const TableDecl& root, std::string_view title) {
  std::string out = fmt::format("# {}\n# Every key with its default; remove the comment mark to change one.\n", title);
  write_sample(root, "", false, out);
  return out;
}

}  // namespace common::config
