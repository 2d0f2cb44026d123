#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <deque>
#include <optional>

#include "common/base/bytes.h"
#include "common/time/instant.h"

namespace relay::dtls {

/// What an `SSL` reads from and writes to: one datagram in, whole datagrams out, and OpenSSL's retransmission timer
/// kept on our time (decisions/0001). Address-stable: the BIO points back to it. Internal to this folder.
class DatagramBio {
 public:
  explicit DatagramBio(common::Duration first_retransmission);
  DatagramBio(const DatagramBio&) = delete;
  DatagramBio& operator=(const DatagramBio&) = delete;

  /// Gives `ssl` its BIO and its timer; this object outlives `ssl`. False: out of memory.
  bool attach(SSL* ssl);

  /// Offers one datagram to the next calls of OpenSSL. Borrowed until taken or withdrawn.
  void offer(common::ByteSpan datagram) noexcept { incoming_ = datagram; }
  void withdraw() noexcept { incoming_ = {}; }
  std::optional<common::Bytes> take_outgoing();

  /// Time of every call into OpenSSL that follows.
  void set_now(common::Instant now) noexcept { now_ = now; }
  /// When a flight has to be sent again; nullopt: nothing is under way.
  std::optional<common::Instant> retransmission_at() const noexcept { return deadline_; }
  /// Makes OpenSSL believe that its timer has run out. DTLSv1_handle_timeout() must follow.
  void expire() noexcept;

 private:
  static int on_read(BIO* bio, char* out, int size);
  static int on_write(BIO* bio, const char* data, int size);
  static long on_control(BIO* bio, int command, long number, void* pointer);
  static unsigned on_timer(SSL* ssl, unsigned previous_us);
  static const BIO_METHOD* method();
  void on_timer_set(timeval* openssl_deadline) noexcept;

  common::ByteSpan incoming_;
  std::deque<common::Bytes> outgoing_;
  common::Instant now_;
  common::Duration first_retransmission_;
  common::Duration interval_;
  std::optional<common::Instant> deadline_;
  timeval* openssl_deadline_ = nullptr;  // inside of the SSL, valid while that lives
};

}  // namespace relay::dtls
