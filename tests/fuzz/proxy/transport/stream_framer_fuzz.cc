#include "proxy/transport/stream_framer.h"

#include <algorithm>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/overload.h"

using proxy::transport::StreamFramer;

namespace {

constexpr StreamFramer::Limits kLimits{512, 1024};

struct Cut {
  std::vector<std::string> messages;  // a ping is an empty one
  bool lost = false;
};

Cut cut(std::string_view bytes, std::size_t step) {
  StreamFramer framer(kLimits);
  Cut result;
  while (!bytes.empty() && !result.lost) {
    framer.push(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (;;) {
      const auto output = framer.poll();
      result.lost = !output;
      if (!output || !*output) break;
      std::visit(common::Overload{[&](const StreamFramer::Message& message) {
                                    INVARIANT(message.bytes.size() <= kLimits.max_message, "a message has its bound");
                                    INVARIANT(message.bytes.find("\r\n\r\n") < kLimits.max_header, "so has its header");
                                    result.messages.emplace_back(message.bytes);
                                  },
                                  [&](const StreamFramer::Ping&) { result.messages.emplace_back(); }},
                 **output);
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
