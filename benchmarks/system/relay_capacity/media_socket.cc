#include "benchmarks/system/relay_capacity/media_socket.h"

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace benchmarks {
namespace {

constexpr int kReceiveBuffer = 64 << 20;  // bytes

}  // namespace

MediaSocket::MediaSocket(common::SocketAddress local)
    : local_(local), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_storage storage;
  const socklen_t length = local.to_sockaddr(storage);
  if (!socket_ || ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot bind " + local.to_string());
  }
  // Beyond the system's limit only for root; without it the loss that is counted tells.
  if (::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) != 0) {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
}

void MediaSocket::prepare(Headers& headers, std::size_t index, relay::packet::PacketBuffer& packet, std::size_t size) {
  headers.vectors[index] = {packet.data(), size};
  msghdr& message = headers.messages[index].msg_hdr;
  message = {};
  message.msg_name = &headers.names[index];
  message.msg_namelen = sizeof headers.names[index];
  message.msg_iov = &headers.vectors[index];
  message.msg_iovlen = 1;
}

std::span<relay::packet::PacketBuffer> MediaSocket::receive() {
  for (std::size_t i = 0; i < kBatch; ++i) {
    in_[i].reset();
    prepare(in_headers_, i, in_[i], relay::packet::PacketBuffer::kMaxDatagram);
  }
  const int count = ::recvmmsg(socket_.get(), in_headers_.messages.data(), kBatch, 0, nullptr);
  if (count <= 0) return {};
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    in_[i].resize(in_headers_.messages[i].msg_len);
    in_[i].remote = common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&in_headers_.names[i]));
  }
  return std::span(in_).first(static_cast<std::size_t>(count));
}

relay::packet::PacketBuffer& MediaSocket::next() {
  if (pending_ == kBatch) flush();
  return out_[pending_++];
}

void MediaSocket::flush() {
  for (std::size_t i = 0; i < pending_; ++i) {
    prepare(out_headers_, i, out_[i], out_[i].size());
    out_headers_.messages[i].msg_hdr.msg_namelen = out_[i].remote.to_sockaddr(out_headers_.names[i]);
  }
  for (std::size_t sent = 0; sent < pending_;) {
    const int count =
        ::sendmmsg(socket_.get(), &out_headers_.messages[sent], static_cast<unsigned>(pending_ - sent), 0);
    sent += count > 0 ? static_cast<std::size_t>(count) : 1;  // a refused packet is lost, and counted as such
  }
  pending_ = 0;
}

}  // namespace benchmarks
