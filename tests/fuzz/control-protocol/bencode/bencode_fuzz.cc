#include "control-protocol/bencode/bencode.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

/// A dictionary survives its own writer, and is measured as long as it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = common::as_text({data, size});
  const auto measured = ng::measure_bencode(text);
  const auto dictionary = ng::decode_bencode(text);
  if (!dictionary) return 0;
  INVARIANT(measured && *measured == size, "what is decoded as a whole is measured as a whole");
  const auto written = ng::encode_bencode(*dictionary);
  const auto again = ng::decode_bencode(written);
  INVARIANT(again && *again == *dictionary, "a dictionary survives its own writer");
  return 0;
}
