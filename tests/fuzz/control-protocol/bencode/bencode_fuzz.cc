#include "control-protocol/bencode/bencode.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/text.h"

/// A dictionary survives its own writer; a stream finds the same end of it as the decoder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = common::as_text({data, size});
  const auto measured = ng::measure_bencode(text);
  const auto dictionary = ng::decode_bencode(text);
  if (!dictionary) return 0;
  INVARIANT(measured && common::trim(text.substr(*measured)).empty(), "nothing but white space follows the dictionary");
  const auto written = ng::encode_bencode(*dictionary);
  const auto again = ng::decode_bencode(written);
  INVARIANT(again && *again == *dictionary, "a dictionary survives its own writer");
  return 0;
}
