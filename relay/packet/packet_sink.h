#pragma once

#include "relay/packet/packet_buffer.h"

namespace relay::packet {

/// Where finished datagrams go: a packet I/O back end, or a recorder in tests.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  /// Sends `packet` from the port `packet.port_handle` to `packet.remote`. The content is taken before the call
  /// returns; it may leave only at the end of the batch. Losses are counted, never reported.
  virtual void send(PacketBuffer& packet) = 0;
};

}  // namespace relay::packet
