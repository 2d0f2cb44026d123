#include "control-protocol/flags/flags.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/text.h"

/// Flags as in `rtpp-flags`, split at spaces. What they say survives being written as keys and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ng::Flags flags;
  for (const auto word : common::split(common::as_text({data, size}), ' ')) ng::apply_flag(flags, word);
  ng::Dictionary written;
  ng::write_flags(flags, written);
  ng::Flags again;
  for (const auto& [key, value] : written) {
    if (key == "flags") {
      for (const auto& word : value.as_texts()) ng::apply_flag(again, word);
    } else {
      ng::apply_key(again, key, value);
    }
  }
  INVARIANT(again == flags, "flags survive their own writer");
  return 0;
}
