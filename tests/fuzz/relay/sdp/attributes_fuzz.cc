#include "relay/sdp/attributes.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "relay/dtls/fingerprint.h"
#include "relay/sdp/session_description.h"

using namespace relay;

/// The value of one attribute, read as each kind there is: what is understood survives its own writer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = common::as_text({data, size});
  if (const auto map = sdp::read_rtpmap(text)) {
    const auto again = sdp::read_rtpmap(sdp::write_rtpmap(*map));
    INVARIANT(again && again->payload_type == map->payload_type && again->encoding_name == map->encoding_name,
              "an rtpmap keeps payload type and name");
    INVARIANT(again->clock_rate == map->clock_rate && again->channels == map->channels, "and clock rate and channels");
  }
  if (const auto crypto = sdp::read_crypto(text)) {
    const auto again = sdp::read_crypto(sdp::write_crypto(*crypto));
    INVARIANT(again && again->tag == crypto->tag && again->key == crypto->key, "a crypto attribute keeps its key");
  }
  if (const auto address = sdp::read_connection(text)) {
    INVARIANT(sdp::read_connection(sdp::write_connection(*address)) == address, "a connection keeps its address");
  }
  if (const auto fingerprint = dtls::parse_fingerprint(text)) {
    INVARIANT(dtls::parse_fingerprint(dtls::format_fingerprint(*fingerprint)) == fingerprint, "a fingerprint is kept");
  }
  return 0;
}
