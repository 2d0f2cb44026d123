#include "proxy/transport/ws_codec.h"

#include <algorithm>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/invariant.h"

using proxy::transport::WsCodec;

namespace {

constexpr std::size_t kMaxMessage = 1024;

using Heard = std::vector<std::string>;

Heard hear(std::string_view bytes, std::size_t step) {
  Heard heard;
  std::size_t pushed = 0;
  std::size_t written = 0;
  WsCodec codec(kMaxMessage, [&](std::string_view message) {
    INVARIANT(message.size() <= kMaxMessage, "a message has its bound");
    heard.emplace_back(message);
  });
  while (!bytes.empty() && !codec.finished()) {
    const auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    codec.push(piece);
    pushed += piece.size();
    written += codec.take_output().size();
    INVARIANT(written <= pushed + 256, "frames of the peer make no more of ours");
  }
  INVARIANT(!codec.failed() || codec.finished(), "what has failed is over");
  codec.send_text("after all");
  codec.send_ping();
  codec.close(1000);
  codec.take_output();
  return heard;
}

}  // namespace

/// First byte: size of the pieces in which a client's frames arrive. It makes no difference to what is heard. How the
/// connection ends may differ: wslay looks at the reason of a close frame only as far as it comes in one piece.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto bytes = common::as_text({data + 1, size - 1});
  INVARIANT(hear(bytes, bytes.size()) == hear(bytes, std::size_t{1} + data[0]), "pieces give what the whole gives");
  return 0;
}
