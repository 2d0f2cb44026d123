#include "proxy/transport/ws_codec.h"

#include <algorithm>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/invariant.h"

using proxy::transport::WsCodec;

namespace {

constexpr std::size_t kMaxMessage = 1024;

struct Heard {
  std::vector<std::string> messages;
  bool failed = false;
};

Heard hear(std::string_view bytes, std::size_t step) {
  Heard heard;
  std::size_t pushed = 0;
  std::size_t written = 0;
  WsCodec codec(kMaxMessage, [&](std::string_view message) {
    INVARIANT(message.size() <= kMaxMessage, "a message has its bound");
    heard.messages.emplace_back(message);
  });
  while (!bytes.empty() && !codec.finished()) {
    const auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    codec.push(piece);
    pushed += piece.size();
    written += codec.take_output().size();
    INVARIANT(written <= pushed + 256, "frames of the peer make no more of ours");
  }
  heard.failed = codec.failed();
  codec.send_text("after all");
  codec.send_ping();
  codec.close(1000);
  codec.take_output();
  return heard;
}

}  // namespace

/// First byte: size of the pieces in which a client's frames arrive. It makes no difference to what is heard.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto bytes = common::as_text({data + 1, size - 1});
  const Heard whole = hear(bytes, bytes.size());
  const Heard pieces = hear(bytes, std::size_t{1} + data[0]);
  INVARIANT(whole.messages == pieces.messages && whole.failed == pieces.failed, "pieces give what the whole gives");
  return 0;
}
