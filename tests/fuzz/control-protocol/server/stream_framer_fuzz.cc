#include "control-protocol/server/stream_framer.h"

#include <algorithm>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "control-protocol/message/envelope.h"

namespace {

struct Cut {
  std::vector<std::string> messages;
  bool lost = false;
};

Cut cut(std::string_view bytes, std::size_t step) {
  ng::StreamFramer framer;
  Cut result;
  while (!bytes.empty() && !result.lost) {
    framer.push(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (;;) {
      const auto message = framer.next();
      result.lost = !message;
      if (!message || !*message) break;
      INVARIANT(ng::open_envelope(**message), "a framed message is an envelope");
      result.messages.push_back(**message);
    }
  }
  return result;
}

}  // namespace

/// First byte: size of the pieces in which the stream arrives. It makes no difference to what is found in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto bytes = common::as_text({data + 1, size - 1});
  const Cut whole = cut(bytes, bytes.size());
  const Cut pieces = cut(bytes, std::size_t{1} + data[0]);
  INVARIANT(whole.messages == pieces.messages && whole.lost == pieces.lost, "pieces give what the whole gives");
  return 0;
}
