#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/config/problem.h"
#include "common/time/instant.h"

/// The declared option table: one declaration per key feeds the reader, `--check`, the sample file and the reference.
namespace common::config {

enum class Type : std::uint8_t { Flag, Integer, Duration, Size, Text, Secret, TextList };

/// A value after its units are resolved: Size in bytes, Duration in nanoseconds.
using Value = std::variant<bool, std::int64_t, Duration, std::string, std::vector<std::string>>;

/// One declared key. `fallback` and `form` are for people; `store` puts a value of the right alternative into the
/// target.
struct Option {
  std::string key;
  Type type = Type::Text;
  bool required = false;
  std::string fallback{};  // default as it would stand in the file; empty: none
  std::string form{};      // range, choices or shape: "1 to 65535", "one of udp, tcp", "ADDRESS:PORT"
  std::string help{};
  std::string example{};  // shown in the sample file when there is no default
  std::function<std::optional<Complaint>(void* target, const Value&)> store;
};

/// One declared table; `repeated` means `[[name]]`.
struct TableDecl {
  std::string name;
  bool repeated = false;
  std::string help{};
  std::vector<Option> options;
  std::vector<TableDecl> children;
  std::function<void*(void* parent)> enter;  // the member of `parent`, or a new element of its vector
};

/// Turns the text of a value into `V`, or says what is wrong with it.
template <class V>
using TextParser = std::function<Result<V, Complaint>(std::string_view)>;

/// `60s`, `500ms`, `2m`, `1h`, `1d`; a whole number and a unit.
Result<Duration, Complaint> parse_duration(std::string_view text);
std::string format_duration(Duration duration);
/// `65536`, `64KiB`, `1MiB`, `1GiB` (powers of 1024), in bytes.
Result<std::int64_t, Complaint> parse_size(std::string_view text);
std::string format_size(std::int64_t bytes);
/// As it stands in TOML: in quotes, escaped.
std::string quote(std::string_view text);

namespace detail {
std::optional<Complaint> check_integer(std::int64_t value, std::int64_t min, std::int64_t max);
std::optional<Complaint> check_duration(Duration value, Duration min, Duration max);
std::optional<Complaint> check_size(std::int64_t value, std::int64_t min, std::int64_t max);
std::optional<std::size_t> choose(std::string_view value, const std::vector<std::string>& names);
Complaint no_such_choice(std::string_view value, const std::vector<std::string>& names);
std::string list_of(const std::vector<std::string>& items);
std::string quote_list(const std::vector<std::string>& items);
}  // namespace detail

/// Declares the keys of one table as members of `T`. A default is the member's value in a fresh `T{}`.
///
///   const auto media = Table<Media>("media", "Ports and limits of the relay.")
///       .integer("port_min", &Media::port_min, 1024, 65535, "Lowest media port.")
///       .duration("timeout", &Media::timeout, 5s, 24h, "Silence after which a call ends.");
template <class T>
class Table {
 public:
  Table(std::string_view name, std::string_view help) {
    decl_.name = name;
    decl_.help = help;
  }

  Table& flag(std::string_view key, bool T::* member, std::string_view help) {
    return add({.key = std::string{key},
                .type = Type::Flag,
                .fallback = T{}.*member ? "true" : "false",
                .form = "true or false",
                .help = std::string{help},
                .store = plain<bool>(member)});
  }

  template <std::integral I>
  Table& integer(std::string_view key, I T::* member, std::int64_t min, std::int64_t max, std::string_view help) {
    return add({.key = std::string{key},
                .type = Type::Integer,
                .fallback = std::to_string(T{}.*member),
                .form = std::to_string(min) + " to " + std::to_string(max),
                .help = std::string{help},
                .store = [member, min, max](void* target, const Value& value) -> std::optional<Complaint> {
                  const auto number = std::get<std::int64_t>(value);
                  if (auto complaint = detail::check_integer(number, min, max)) return complaint;
                  static_cast<T*>(target)->*member = static_cast<I>(number);
                  return std::nullopt;
                }});
  }

  Table& duration(std::string_view key, Duration T::* member, Duration min, Duration max, std::string_view help) {
    return add({.key = std::string{key},
                .type = Type::Duration,
                .fallback = quote(format_duration(T{}.*member)),
                .form = format_duration(min) + " to " + format_duration(max),
                .help = std::string{help},
                .store = [member, min, max](void* target, const Value& value) -> std::optional<Complaint> {
                  const auto length = std::get<Duration>(value);
                  if (auto complaint = detail::check_duration(length, min, max)) return complaint;
                  static_cast<T*>(target)->*member = length;
                  return std::nullopt;
                }});
  }

  template <std::integral I>
  Table& size(std::string_view key, I T::* member, std::int64_t min, std::int64_t max, std::string_view help) {
    return add({.key = std::string{key},
                .type = Type::Size,
                .fallback = quote(format_size(static_cast<std::int64_t>(T{}.*member))),
                .form = format_size(min) + " to " + format_size(max),
                .help = std::string{help},
                .store = [member, min, max](void* target, const Value& value) -> std::optional<Complaint> {
                  const auto bytes = std::get<std::int64_t>(value);
                  if (auto complaint = detail::check_size(bytes, min, max)) return complaint;
                  static_cast<T*>(target)->*member = static_cast<I>(bytes);
                  return std::nullopt;
                }});
  }

  Table& text(std::string_view key, std::string T::* member, std::string_view help) {
    return add({.key = std::string{key},
                .type = Type::Text,
                .fallback = quote_unless_empty(T{}.*member),
                .form = "text",
                .help = std::string{help},
                .store = plain<std::string>(member)});
  }

  /// A text that is never printed.
  Table& secret(std::string_view key, std::string T::* member, std::string_view help) {
    return add({.key = std::string{key},
                .type = Type::Secret,
                .form = "text",
                .help = std::string{help},
                .store = plain<std::string>(member)});
  }

  Table& list(std::string_view key, std::vector<std::string> T::* member, std::string_view help) {
    return add({.key = std::string{key},
                .type = Type::TextList,
                .fallback = detail::quote_list(T{}.*member),
                .form = "list of texts",
                .help = std::string{help},
                .store = plain<std::vector<std::string>>(member)});
  }

  /// A text with a meaning of its own (address, pattern); `M` is `V` or `std::optional<V>`. `fallback` is the default's
  /// text for people, the member's initial value being what counts.
  template <class V, class M>
  Table& parsed(std::string_view key, M T::* member, const TextParser<V>& parse, std::string_view form,
                std::string_view help, std::string_view fallback = {}) {
    return add({.key = std::string{key},
                .type = Type::Text,
                .fallback = quote_unless_empty(std::string{fallback}),
                .form = std::string{form},
                .help = std::string{help},
                .store = [member, parse](void* target, const Value& value) -> std::optional<Complaint> {
                  auto parsed = parse(std::get<std::string>(value));
                  if (!parsed) return std::move(parsed.error());
                  static_cast<T*>(target)->*member = std::move(*parsed);
                  return std::nullopt;
                }});
  }

  /// A list of such texts; the whole list replaces the default. `fallback`: the default's items, for people.
  template <class V>
  Table& parsed_list(std::string_view key, std::vector<V> T::* member, const TextParser<V>& parse,
                     std::string_view form, std::string_view help, const std::vector<std::string>& fallback = {}) {
    return add({.key = std::string{key},
                .type = Type::TextList,
                .fallback = detail::quote_list(fallback),
                .form = "list of " + std::string{form},
                .help = std::string{help},
                .store = [member, parse](void* target, const Value& value) -> std::optional<Complaint> {
                  std::vector<V> items;
                  for (const std::string& text : std::get<std::vector<std::string>>(value)) {
                    auto parsed = parse(text);
                    if (!parsed)
                      return Complaint{"has an item " + quote(text) + " that " + parsed.error().problem,
                                       parsed.error().remedy};
                    items.push_back(std::move(*parsed));
                  }
                  static_cast<T*>(target)->*member = std::move(items);
                  return std::nullopt;
                }});
  }

  /// One of a few names. `M` is `E` or `std::optional<E>`.
  template <class E, class M>
  Table& choice(std::string_view key, M T::* member, const std::vector<std::pair<std::string, E>>& choices,
                std::string_view help) {
    std::vector<std::string> names;
    std::string fallback;
    for (const auto& [name, value] : choices) {
      names.push_back(name);
      if (T{}.*member == value) fallback = name;
    }
    return add({.key = std::string{key},
                .type = Type::Text,
                .fallback = quote_unless_empty(fallback),
                .form = "one of " + detail::list_of(names),
                .help = std::string{help},
                .store = [member, names, choices](void* target, const Value& value) -> std::optional<Complaint> {
                  const auto index = detail::choose(std::get<std::string>(value), names);
                  if (!index) return detail::no_such_choice(std::get<std::string>(value), names);
                  static_cast<T*>(target)->*member = choices[*index].second;
                  return std::nullopt;
                }});
  }

  /// The option declared last must be present and has no default.
  Table& required() {
    decl_.options.back().required = true;
    decl_.options.back().fallback.clear();
    return *this;
  }

  /// What the sample file shows for the option declared last, as it would stand in the file (quotes included).
  Table& example(std::string_view toml) {
    decl_.options.back().example = toml;
    return *this;
  }

  /// `[child]`, once.
  template <class C>
  Table& table(C T::* member, const Table<C>& child) {
    return adopt(child.decl(), false, [member](void* parent) -> void* { return &(static_cast<T*>(parent)->*member); });
  }

  /// `[[child]]`, any number of times; also an array of inline tables.
  template <class C>
  Table& tables(std::vector<C> T::* member, const Table<C>& child) {
    return adopt(child.decl(), true,
                 [member](void* parent) -> void* { return &(static_cast<T*>(parent)->*member).emplace_back(); });
  }

  const TableDecl& decl() const noexcept { return decl_; }

 private:
  template <class V>
  static auto plain(V T::* member) {
    return [member](void* target, const Value& value) -> std::optional<Complaint> {
      static_cast<T*>(target)->*member = std::get<V>(value);
      return std::nullopt;
    };
  }
  static std::string quote_unless_empty(const std::string& text) { return text.empty() ? text : quote(text); }

  Table& add(Option option) {
    decl_.options.push_back(std::move(option));
    return *this;
  }
  Table& adopt(TableDecl child, bool repeated, std::function<void*(void*)> enter) {
    child.repeated = repeated;
    child.enter = std::move(enter);
    decl_.children.push_back(std::move(child));
    return *this;
  }

  TableDecl decl_;
};

}  // namespace common::config
