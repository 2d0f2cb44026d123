#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/tls/context.h"

struct ssl_st;

namespace common::tls {

/// Outcome of one step on a non-blocking socket.
enum class Step : std::uint8_t {
  Done,
  WantRead,   // again when the socket is readable
  WantWrite,  // again when the socket is writable
  Closed,     // the peer closed, with or without close_notify
  Failed      // last_error() says why
};

/// One TLS connection on a connected non-blocking socket, which it borrows. Never raises SIGPIPE.
/// Idle sessions keep no record buffers (SSL_MODE_RELEASE_BUFFERS).
class Session {
 public:
  static Session server(const Context& context, int fd);
  /// `name` is sent as SNI unless it is a literal address.
  static Session client(const Context& context, int fd, const std::string& name);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  Step handshake();
  /// Fills the front of `out`; `count` tells how much.
  Step read(MutableByteSpan out, std::size_t& count);
  /// `count` tells how much was taken; after WantRead or WantWrite the same bytes (or more) are offered again.
  Step write(ByteSpan bytes, std::size_t& count);
  /// Sends close_notify if it fits; does not wait for the peer's.
  void shutdown();

  /// Whether the peer's verified certificate speaks for `domain`, RFC 5922 §7: a SIP URI or DNS name among its subject
  /// alternative names (no wildcards), the common name only if it has none; a literal address by its address entries.
  bool peer_is(std::string_view domain) const;

  /// Cause of the last Failed, in OpenSSL's words.
  const std::string& last_error() const noexcept { return error_; }
  /// Failed because the peer's certificate did not verify.
  bool certificate_refused() const noexcept { return certificate_refused_; }
  /// `TLSv1.3`.
  std::string_view version() const;

 private:
  struct Free {
    void operator()(ssl_st* ssl) const noexcept;
  };
  Session(const Context& context, int fd);
  Step step_of(int result);

  std::unique_ptr<ssl_st, Free> ssl_;
  std::string error_;
  bool certificate_refused_ = false;
};

}  // namespace common::tls
