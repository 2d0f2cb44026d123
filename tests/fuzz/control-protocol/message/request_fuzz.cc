#include "control-protocol/message/request.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "control-protocol/message/envelope.h"

/// One ng datagram, bencode or JSON: read, written and read again it must stay the same request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto envelope = ng::open_envelope(common::as_text({data, size}));
  if (!envelope) return 0;
  const auto dictionary = ng::decode(envelope->encoding, envelope->payload);
  if (!dictionary) return 0;
  const auto request = ng::read_request(*dictionary);
  if (!request) return 0;
  const auto again = ng::read_request(ng::write_request(*request));
  INVARIANT(again && again->flags == request->flags && again->sdp == request->sdp, "a request survives its own writer");
  return 0;
}
