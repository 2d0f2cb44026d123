#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <span>

#include "common/net/address.h"
#include "common/net/fd.h"
#include "relay/packet/packet_buffer.h"

namespace benchmarks {

/// The UDP socket of all callers, or of all callees: the relay's port tells whose a packet is. Many packets per system
/// call, so that the load generator needs less than the relay under test.
class MediaSocket {
 public:
  static constexpr std::size_t kBatch = 64;

  /// Binds with a receive buffer for half a second of everything. Throws std::runtime_error.
  explicit MediaSocket(common::SocketAddress local);

  const common::SocketAddress& local() const noexcept { return local_; }
  /// Takes what is there, up to a batch; never waits.
  std::span<relay::packet::PacketBuffer> receive();

  /// The buffer for the next packet to `remote`; it leaves with flush(), or when the batch is full.
  relay::packet::PacketBuffer& next();
  void flush();

 private:
  using Batch = std::array<relay::packet::PacketBuffer, kBatch>;
  struct Headers {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> vectors{};
    std::array<sockaddr_storage, kBatch> names{};
  };
  void prepare(Headers& headers, std::size_t index, relay::packet::PacketBuffer& packet, std::size_t size);

  common::SocketAddress local_;
  common::Fd socket_;
  Batch in_;
  Batch out_;
  std::size_t pending_ = 0;
  Headers in_headers_;
  Headers out_headers_;
};

}  // namespace benchmarks
