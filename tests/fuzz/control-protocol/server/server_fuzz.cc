#include "control-protocol/server/server.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "common/base/overload.h"

namespace {

ng::Peer peer(unsigned number) {
  return {{common::IpAddress::v4({192, 0, 2, static_cast<std::uint8_t>(number & 3)}), {2222}}, number & 4U};
}

}  // namespace

/// Messages, each behind one byte of peer and what to do with its request, and two bytes of length; time passes between
/// them. Whatever is dispatched is answered once, and nothing that was not asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ng::ServerConfig config;
  config.cache_bytes = 4096;
  config.max_running = 4;
  ng::Server server(config);
  common::Instant now{std::chrono::seconds{1}};
  common::ByteReader in({data, size});
  while (in.remaining() > 3) {
    const unsigned choice = in.u8();
    const std::size_t length = in.u16();
    server.on_message(peer(choice), common::as_text(in.bytes(std::min(length, in.remaining()))), now);
    unsigned dispatched = 0;
    unsigned sent = 0;
    while (const auto output = server.poll_output()) {
      std::visit(common::Overload{[&](const ng::SendReply&) { ++sent; },
                                  [&](const ng::Dispatch& dispatch) {
                                    ++dispatched;
                                    if ((choice & 8) == 0) server.reply(dispatch.id, ng::Reply::ok(), now);
                                  }},
                 *output);
    }
    INVARIANT(dispatched <= 1 && sent <= 1, "one message is one request and has one reply");
    INVARIANT(server.running() <= config.max_running, "what runs is bounded");
    if ((choice & 16) != 0) server.on_disconnected(choice & 4U);
    now += std::chrono::seconds{choice >> 5};
    server.on_timeout(now);
  }
  return 0;
}
