#include "proxy/sip/header_names.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace proxy::sip {

namespace {

struct Compact {
  std::string_view compact;
  std::string_view usual;
};
constexpr std::array kCompact{
    Compact{"v", "Via"},
    Compact{"f", "From"},
    Compact{"t", "To"},
    Compact{"i", "Call-ID"},
    Compact{"m", "Contact"},
    Compact{"l", "Content-Length"},
    Compact{"c", "Content-Type"},
    Compact{"k", "Supported"},
    Compact{"e", "Content-Encoding"},
    Compact{"s", "Subject"},
    Compact{"o", "Event"},
    Compact{"u", "Allow-Events"},
    Compact{"r", "Refer-To"},
    Compact{"b", "Referred-By"},
    Compact{"x", "Session-Expires"},
    Compact{"a", "Accept-Contact"},
    Compact{"d", "Request-Disposition"},
    Compact{"j", "Reject-Contact"},
    Compact{"y", "Identity"},
};
constexpr std::array<std::string_view, 23> kUsual{
    "CSeq",
    "Max-Forwards",
    "Route",
    "Record-Route",
    "Path",
    "Service-Route",
    "Expires",
    "Require",
    "Proxy-Require",
    "Authorization",
    "RAck",
    "RSeq",
    "User-Agent",
    "Proxy-Authorization",
    "WWW-Authenticate",
    "Warning",
    "Proxy-Authenticate",
    "Retry-After",
    "P-Asserted-Identity",
    "Reason",
    "Unsupported",
    "Min-Expires",
    "P-Preferred-Identity",
};
constexpr std::array<std::string_view, 6> kSplit{"Via", "Route", "Record-Route", "Path", "Contact", "Service-Route"};

}  // namespace

std::string_view usual_name(std::string_view name) noexcept {
  for (const Compact& entry : kCompact) {
    if (common::iequals(name, entry.compact) || common::iequals(name, entry.usual)) return entry.usual;
  }
  for (const std::string_view usual : kUsual) {
    if (common::iequals(name, usual)) return usual;
  }
  return name;
}

bool is_split_list(std::string_view usual_name) noexcept {
  return std::ranges::find(kSplit, usual_name) != kSplit.end();
}

}  // namespace proxy::sip
