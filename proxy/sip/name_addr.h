#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy/sip/uri.h"

namespace proxy::sip {

/// One value of From, To, Contact, Route, Record-Route or Path: RFC 3261 §20.10.
struct NameAddr {
  std::string display;  // as written, quotes included
  Uri uri;
  Params params;  // of the header field, outside the brackets

  /// Without brackets, parameters belong to the header field.
  static std::optional<NameAddr> parse(std::string_view text);
  std::string_view tag() const noexcept { return params.get("tag"); }
  std::string to_string() const;
};

}  // namespace proxy::sip
