#include "proxy/transport/http_head.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

using proxy::transport::parse_http_head;

/// A head is found where it ends, whatever follows it, and not before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = common::as_text({data, size});
  std::size_t taken = 0;
  const auto head = parse_http_head(bytes, taken);
  if (!head || !*head) return 0;
  INVARIANT(taken <= size && bytes.substr(0, taken).ends_with("\r\n\r\n"), "a head ends with an empty line");
  INVARIANT((*head)->target.starts_with('/') && (*head)->path().starts_with('/'), "its target is a path");
  std::size_t again = 0;
  const auto alone = parse_http_head(bytes.substr(0, taken), again);
  INVARIANT(alone && *alone && again == taken && (*alone)->fields == (*head)->fields, "it is the same by itself");
  const auto early = parse_http_head(bytes.substr(0, taken - 1), again);
  INVARIANT(early && !*early, "a byte less is no head yet");
  return 0;
}
