#include "relay/io/socket_io.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

namespace relay::io {
namespace {

constexpr std::uint32_t kWakeup = std::numeric_limits<std::uint32_t>::max();

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void watch(int epoll, int fd, std::uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = tag;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

// The system calls themselves: libc's functions are cancellation points, which costs each of them two atomic operations
// in a process with threads. Nobody cancels a shard.
ssize_t receive_datagram(int fd, void* data, std::size_t size, sockaddr_storage& from, socklen_t& length) noexcept {
  return ::syscall(SYS_recvfrom, fd, data, size, MSG_TRUNC, &from, &length);
}
ssize_t send_datagram(int fd, const void* data, std::size_t size, const sockaddr_storage& to,
                      socklen_t length) noexcept {
  return ::syscall(SYS_sendto, fd, data, size, 0, &to, length);
}

timespec to_timespec(common::Duration duration) {
  const auto clamped = std::max(duration, common::Duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clamped);
  return {seconds.count(), static_cast<long>((clamped - seconds).count())};
}

}  // namespace

SocketIo::SocketIo()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      events_(new epoll_event[kMaxEvents]) {
  if (!epoll_ || !wakeup_) fail("packet I/O");
  watch(epoll_.get(), wakeup_.get(), kWakeup);
}

SocketIo::~SocketIo() = default;

PortHandle SocketIo::open(common::Fd socket) {
  PortHandle handle = static_cast<PortHandle>(sockets_.size());
  if (free_handles_.empty()) {
    sockets_.emplace_back();
  } else {
    handle = free_handles_.back();
    free_handles_.pop_back();
  }
  watch(epoll_.get(), socket.get(), handle);
  sockets_[handle] = std::move(socket);
  return handle;
}

void SocketIo::close(PortHandle handle) {
  sockets_[handle].reset();
  free_handles_.push_back(handle);
}

std::size_t SocketIo::receive(std::span<packet::PacketBuffer> batch, std::optional<common::Duration> timeout) {
  timespec wait{};
  if (timeout) wait = to_timespec(*timeout);
  const int capacity = static_cast<int>(std::min(batch.size(), kMaxEvents));
  const int ready = ::epoll_pwait2(epoll_.get(), events_.get(), capacity, timeout ? &wait : nullptr, nullptr);
  ++counters_.wakeups;
  std::size_t filled = 0;
  for (int i = 0; i < ready; ++i) {
    const std::uint32_t tag = events_[static_cast<std::size_t>(i)].data.u32;
    if (tag == kWakeup) {
      drain_wakeups();
    } else if (read_into(batch[filled], tag)) {
      ++filled;
    }
  }
  return filled;
}

bool SocketIo::read_into(packet::PacketBuffer& packet, PortHandle handle) noexcept {
  packet.reset();
  sockaddr_storage from;
  socklen_t from_length = sizeof from;
  // MSG_TRUNC gives the true length, so that a longer datagram is noticed. An ICMP error comes up as a failed read.
  const ssize_t size =
      receive_datagram(sockets_[handle].get(), packet.data(), packet::PacketBuffer::kMaxDatagram, from, from_length);
  if (size < 0) return false;
  if (static_cast<std::size_t>(size) > packet::PacketBuffer::kMaxDatagram) {
    ++counters_.truncated;
    return false;
  }
  packet.resize(static_cast<std::size_t>(size));
  packet.remote = common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&from));
  packet.port_handle = handle;
  ++counters_.received;
  return true;
}

void SocketIo::send(packet::PacketBuffer& packet) {
  sockaddr_storage to;
  const socklen_t to_length = packet.remote.to_sockaddr(to);
  const ssize_t sent = send_datagram(sockets_[packet.port_handle].get(), packet.data(), packet.size(), to, to_length);
  if (sent < 0) {
    ++counters_.send_failed;
  } else {
    ++counters_.sent;
  }
}

void SocketIo::drain_wakeups() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t size = ::read(wakeup_.get(), &count, sizeof count);
}

void SocketIo::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = ::write(wakeup_.get(), &one, sizeof one);
}

}  // namespace relay::io
