#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxy::sip {

/// Parameters of a URI, Via or name-addr (`;name=value`), in their order, names compared without regard to case.
class Params {
 public:
  /// `text` starts with `;` or is empty. False: malformed, nothing usable.
  bool parse(std::string_view text);

  bool has(std::string_view name) const noexcept;
  /// Without quotes as they stand; empty when absent or without a value.
  std::string_view get(std::string_view name) const noexcept;
  /// Replaces or appends. An empty value writes the bare name.
  void set(std::string_view name, std::string_view value = {});
  void remove(std::string_view name);

  bool empty() const noexcept { return items_.empty(); }
  std::string to_string() const;

  struct Item {
    std::string name;
    std::string value;  // as written, quotes included
    friend bool operator==(const Item&, const Item&) = default;
  };
  const std::vector<Item>& items() const noexcept { return items_; }
  friend bool operator==(const Params&, const Params&) = default;

 private:
  std::vector<Item> items_;
};

/// Splits at `separator` where it stands outside of quotes and angle brackets. Views into `text`, trimmed.
std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator);

}  // namespace proxy::sip
