#include "proxy/sip/via.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto via = proxy::sip::Via::parse(common::as_text({data, size}));
  if (!via) return 0;
  const auto again = proxy::sip::Via::parse(via->to_string());
  INVARIANT(again && again->transport == via->transport && again->sent_by() == via->sent_by(),
            "a Via survives its own writer");
  INVARIANT(again->params == via->params, "with its parameters");
  return 0;
}
