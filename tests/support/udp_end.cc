#include "tests/support/udp_end.h"

#include <sys/socket.h>

#include <array>
#include <utility>

#include "common/base/invariant.h"
#include "common/event/sockets.h"

namespace test {
namespace {

common::Fd bound(const common::SocketAddress& address) {
  auto socket = common::event::bind_socket(SOCK_DGRAM, address);
  INVARIANT(socket.has_value(), "a test's loopback socket can be bound");
  return std::move(*socket);
}

}  // namespace

UdpEnd::UdpEnd(common::event::Loop& loop, const common::SocketAddress& bind, OnDatagram on_datagram)
    : fd_(bound(bind)),
      address_(common::event::local_address(fd_.get())),
      on_datagram_(std::move(on_datagram)),
      watch_(loop, fd_.get(), [this](common::event::Ready) { read(); }) {
  watch_.want(true, false);
}

void UdpEnd::send(std::string_view bytes, const common::SocketAddress& to) const {
  INVARIANT(common::event::send_to(fd_.get(), bytes, to), "loopback takes a test's datagram");
}

void UdpEnd::read() {
  std::array<char, 65536> buffer;
  while (const auto datagram = common::event::receive_from(fd_.get(), buffer)) {
    if (on_datagram_) {
      on_datagram_(datagram->bytes, datagram->source);
    } else {
      heard_.emplace_back(datagram->bytes);
    }
  }
}

}  // namespace test
