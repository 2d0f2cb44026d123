#include "control-protocol/json/json.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/text.h"

/// A dictionary survives its own writer; a stream finds the same end of an object as the decoder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = common::as_text({data, size});
  const auto measured = ng::measure_json(text);
  const auto dictionary = ng::decode_json(text);
  if (!dictionary) return 0;
  if (text.front() == '{') {
    INVARIANT(measured && common::trim(text.substr(*measured)).empty(), "nothing but white space follows the object");
  }
  ng::Limits limits;
  limits.bytes *= 8;  // an escape may be longer than what it stands for
  const auto again = ng::decode_json(ng::encode_json(*dictionary), limits);
  INVARIANT(again && *again == *dictionary, "a dictionary survives its own writer");
  return 0;
}
