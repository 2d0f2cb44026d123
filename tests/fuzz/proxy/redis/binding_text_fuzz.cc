#include "proxy/redis/binding_text.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const proxy::redis::Frame frame{
      common::Instant{std::chrono::hours{1}}, common::WallTime{std::chrono::seconds{1'800'000'000}}, {7}};
  const auto bindings = proxy::redis::read_bindings(common::as_text({data, size}), frame);
  if (!bindings) return 0;
  const auto again = proxy::redis::read_bindings(proxy::redis::to_text(*bindings, frame), frame);
  INVARIANT(again && again->size() == bindings->size(), "what has been read can be written and read again");
  return 0;
}
