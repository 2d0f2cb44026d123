#include "proxy/sip/name_addr.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = proxy::sip::NameAddr::parse(common::as_text({data, size}));
  if (!value) return 0;
  const auto again = proxy::sip::NameAddr::parse(value->to_string());
  INVARIANT(again && again->display == value->display && again->uri == value->uri && again->params == value->params,
            "a name-addr survives its own writer");
  INVARIANT(again->tag() == value->tag(), "its tag is the same");
  return 0;
}
