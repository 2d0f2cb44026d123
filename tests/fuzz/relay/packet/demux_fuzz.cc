#include "relay/packet/demux.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return relay::packet::classify({data, size}) > relay::packet::DatagramKind::Unknown ? -1 : 0;
}
