#include "common/base/invariant.h"
#include "relay/ice/candidate_text.h"

/// Whatever reads as a candidate reads the same after being written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto candidate = relay::ice::parse_candidate(common::as_text({data, size}));
  if (!candidate) return 0;
  const auto again = relay::ice::parse_candidate(relay::ice::format_candidate(*candidate));
  INVARIANT(again && *again == *candidate, "a candidate survives its own writer");
  return 0;
}
