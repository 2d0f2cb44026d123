#pragma once

#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/net/fd.h"
#include "common/tls/session.h"

namespace proxy::transport {

/// One connected non-blocking TCP socket, plain or with TLS on it: the same steps either way.
class Channel {
 public:
  using Step = common::tls::Step;

  explicit Channel(common::Fd fd) noexcept : fd_(std::move(fd)) {}

  void serve_tls(const common::tls::Context& context) {
    tls_.emplace(common::tls::Session::server(context, fd_.get()));
  }
  void connect_tls(const common::tls::Context& context, const std::string& name) {
    tls_.emplace(common::tls::Session::client(context, fd_.get(), name));
  }

  Step handshake() { return tls_ ? tls_->handshake() : Step::Done; }
  Step read(common::MutableByteSpan out, std::size_t& count);
  Step write(common::ByteSpan bytes, std::size_t& count);
  /// Says goodbye in our direction; the peer may still be read.
  void finish_writing();

  int fd() const noexcept { return fd_.get(); }
  /// nullptr without TLS.
  const common::tls::Session* tls() const noexcept { return tls_ ? &*tls_ : nullptr; }

 private:
  common::Fd fd_;
  std::optional<common::tls::Session> tls_;  // borrows fd_, hence destroyed before it
};

}  // namespace proxy::transport
