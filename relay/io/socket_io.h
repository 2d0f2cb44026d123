#pragma once

#include <sys/epoll.h>

#include <memory>
#include <vector>

#include "relay/io/packet_io.h"

namespace relay::io {

/// The back end that runs anywhere: a socket per port, epoll level-triggered, one read for each ready socket (draining
/// to EAGAIN would cost a call more per packet), one write per packet.
class SocketIo final : public PacketIo {
 public:
  /// Throws std::system_error when the process is out of descriptors.
  SocketIo();
  ~SocketIo() override;

  PortHandle open(common::Fd socket) override;
  void close(PortHandle handle) override;
  std::size_t receive(std::span<packet::PacketBuffer> batch, std::optional<common::Duration> timeout) override;
  void send(packet::PacketBuffer& packet) override;
  void flush() override {}
  void wake() noexcept override;
  const IoCounters& counters() const noexcept override { return counters_; }

 private:
  static constexpr std::size_t kMaxEvents = 64;
  bool read_into(packet::PacketBuffer& packet, PortHandle handle) noexcept;
  void drain_wakeups() noexcept;

  common::Fd epoll_;
  common::Fd wakeup_;
  std::vector<common::Fd> sockets_;  // by handle
  std::vector<PortHandle> free_handles_;
  std::unique_ptr<epoll_event[]> events_;
  IoCounters counters_;
};

}  // namespace relay::io
