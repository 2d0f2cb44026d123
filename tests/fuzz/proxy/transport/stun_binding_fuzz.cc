#include "proxy/transport/stun_binding.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

using namespace proxy::transport;

/// An answer is short, belongs to its request, and is never answered itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = common::as_text({data, size});
  for (const auto* source : {"192.0.2.1:5060", "[2001:db8::1]:5060"}) {
    const auto address = *common::SocketAddress::parse(source);
    const auto answer = answer_binding(bytes, address);
    if (!answer) continue;
    INVARIANT(answer->size() <= 80, "nobody is flooded with answers to small requests");
    INVARIANT(answer->substr(4, 16) == bytes.substr(4, 16), "an answer names its request");
    INVARIANT(is_stun(*answer) && !answer_binding(*answer, address), "answers get none");
  }
  return 0;
}
