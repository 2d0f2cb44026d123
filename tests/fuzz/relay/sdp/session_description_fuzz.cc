#include "relay/sdp/session_description.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "relay/negotiation/remote_media.h"

/// A description survives its own writer, unknown lines included; every typed reading of it ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 32768) return 0;  // twice as long with CRLF for LF, it would meet the bound of the parser
  const auto description = relay::sdp::parse(common::as_text({data, size}));
  if (!description) {
    INVARIANT(!description.error().to_string().empty(), "a problem has words");
    return 0;
  }
  const auto again = relay::sdp::parse(relay::sdp::write(*description));
  INVARIANT(again && *again == *description, "a description survives its own writer");
  for (std::size_t i = 0; i < description->media.size(); ++i) {
    const auto media = relay::negotiation::read_remote_media(*description, i);
    INVARIANT(!media.enabled || media.protocol, "only media that we know are enabled");
  }
  return 0;
}
