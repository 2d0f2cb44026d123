#include "proxy/cluster/link_message.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  proxy::cluster::LinkReader reader;
  reader.feed(common::as_text({data, size}));
  while (true) {
    const auto message = reader.next();
    if (!message || !*message) return 0;
    proxy::cluster::LinkReader again;
    again.feed(proxy::cluster::to_wire(**message));
    const auto same = again.next();
    INVARIANT(same && *same && **same == **message, "what has been read can be written and read again");
  }
}
