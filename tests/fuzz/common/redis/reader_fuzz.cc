#include "common/redis/reader.h"

#include "common/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::redis::Reader reader{4096};
  reader.feed(common::as_text({data, size}));
  for (int i = 0; i < 10'000; ++i) {
    const auto reply = reader.next();
    if (!reply || !*reply) break;
  }
  return 0;
}
