#include "proxy/sip/header_names.h"

#include <catch2/catch.hpp>
#include <utility>

using namespace proxy::sip;

TEST_CASE("every compact form stands for its long name", "[sip][rfc3261]") {
  using Pair = std::pair<std::string_view, std::string_view>;
  for (const auto& [compact, usual] :
       {Pair{"a", "Accept-Contact"}, Pair{"b", "Referred-By"}, Pair{"c", "Content-Type"},
        Pair{"d", "Request-Disposition"}, Pair{"e", "Content-Encoding"}, Pair{"f", "From"}, Pair{"i", "Call-ID"},
        Pair{"j", "Reject-Contact"}, Pair{"k", "Supported"}, Pair{"l", "Content-Length"}, Pair{"m", "Contact"},
        Pair{"o", "Event"}, Pair{"r", "Refer-To"}, Pair{"s", "Subject"}, Pair{"t", "To"}, Pair{"u", "Allow-Events"},
        Pair{"v", "Via"}, Pair{"x", "Session-Expires"}, Pair{"y", "Identity"}}) {
    CHECK(usual_name(compact) == usual);
    CHECK(usual_name(usual) == usual);
  }
  CHECK(usual_name("V") == "Via");
}

TEST_CASE("a known name gets its usual spelling from any", "[sip]") {
  CHECK(usual_name("cseq") == "CSeq");
  CHECK(usual_name("CALL-ID") == "Call-ID");
  CHECK(usual_name("www-authenticate") == "WWW-Authenticate");
  CHECK(usual_name("max-FORWARDS") == "Max-Forwards");
  CHECK(usual_name("p-asserted-identity") == "P-Asserted-Identity");
}

TEST_CASE("an unknown name stays as it is", "[sip]") {
  for (const auto* name : {"X-Custom", "x-custom", "z", "NewFangledHeader", ""}) CHECK(usual_name(name) == name);
}

TEST_CASE("only lists that a proxy walks are kept apart", "[sip][rfc3261]") {
  for (const auto* name : {"Via", "Route", "Record-Route", "Path", "Contact", "Service-Route"})
    CHECK(is_split_list(name));
  // Their commas also stand inside of a value, or nobody looks at one alone.
  for (const auto* name :
       {"WWW-Authenticate", "Proxy-Authenticate", "Authorization", "Supported", "Warning", "Date", "v"})
    CHECK_FALSE(is_split_list(name));
}
