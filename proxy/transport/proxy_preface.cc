#include "proxy/transport/proxy_preface.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace proxy::transport {

ProxyPreface::ProxyPreface(common::event::Loop& loop, common::Fd fd, common::Duration limit, Events events)
    : fd_(std::move(fd)),
      events_(std::move(events)),
      watch_(loop, fd_.get(), [this](common::event::Ready) { read_some(); }),
      deadline_(loop, [this](common::Instant) { fail(Failure::Timeout); }) {
  watch_.want(true, false);
  deadline_.schedule(loop.now() + limit);
}

void ProxyPreface::read_some() {
  std::array<std::uint8_t, ProxyHeaderReader::kLongest> room{};
  while (!is_over_) {
    const ssize_t got = ::recv(fd_.get(), room.data(), reader_.wanted(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) return fail(Failure::Closed);
    const auto header = reader_.push({room.data(), static_cast<std::size_t>(got)});
    if (!header) return fail(Failure::Malformed);
    if (!*header) continue;
    is_over_ = true;
    watch_.want(false, false);
    events_.on_header(std::move(fd_), **header);
  }
}

void ProxyPreface::fail(Failure failure) {
  if (is_over_) return;
  is_over_ = true;
  watch_.want(false, false);
  events_.on_failed(failure);
}

}  // namespace proxy::transport
