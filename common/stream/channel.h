#pragma once

#include <optional>
#include <string>
#include <utility>

#include "common/base/bytes.h"
#include "common/event/watch.h"
#include "common/net/fd.h"
#include "common/tls/session.h"

namespace common::stream {

/// One connected non-blocking TCP socket, plain or with TLS on it: the same steps either way.
class Channel {
 public:
  using Step = tls::Step;

  explicit Channel(Fd fd) noexcept : fd_(std::move(fd)) {}

  void serve_tls(const tls::Context& context) { tls_.emplace(tls::Session::server(context, fd_.get())); }
  /// The peer's certificate must be valid for `name`, RFC 5922 §7.
  void connect_tls(const tls::Context& context, std::string name);

  /// Failed also when the certificate is not the one that was asked for.
  Step handshake();
  Step read(MutableByteSpan out, std::size_t& count);
  Step write(ByteSpan bytes, std::size_t& count);
  /// Says goodbye in our direction; the peer may still be read.
  void finish_writing();

  /// What the socket must be watched for in order to read or write: TLS may have to write before it can read.
  event::Ready needs(bool reading, bool writing) const noexcept {
    return {.read = reading || (writing && write_wants_read_),
            .write = (writing && !write_wants_read_) || (reading && read_wants_write_)};
  }
  bool may_read(event::Ready ready) const noexcept { return ready.read || (ready.write && read_wants_write_); }
  bool may_write(event::Ready ready) const noexcept { return ready.write || (ready.read && write_wants_read_); }

  int fd() const noexcept { return fd_.get(); }
  /// Whether the peer's verified certificate speaks for `domain`, RFC 5922 §7; false without TLS.
  bool peer_is(std::string_view domain) const { return tls_ && tls_->peer_is(domain); }
  /// As given to connect_tls(), else empty.
  const std::string& peer_name() const noexcept { return peer_name_; }
  /// Why the peer's certificate was refused; empty: it was not.
  const std::string& certificate_problem() const noexcept { return certificate_problem_; }

 private:
  Fd fd_;
  std::optional<tls::Session> tls_;  // borrows fd_, hence destroyed before it
  std::string peer_name_;
  std::string certificate_problem_;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
};

}  // namespace common::stream
