#include <cstddef>
#include <cstdint>

#include "proxy/sip/message.h"

// What was accepted must read the same after it was written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = proxy::sip::Message::parse({reinterpret_cast<const char*>(data), size});
  if (!message) return 0;
  (void)message->top_via();
  (void)message->cseq();
  (void)message->from_tag();
  (void)message->to_tag();
  const std::string written = message->to_string();
  const auto again = proxy::sip::Message::parse(written);
  if (!again || again->to_string() != written) __builtin_trap();
  return 0;
}
