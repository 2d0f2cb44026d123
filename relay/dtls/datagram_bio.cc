#include "relay/dtls/datagram_bio.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace relay::dtls {
namespace {

using std::chrono::microseconds;

constexpr common::Duration kLongestInterval = std::chrono::seconds{6};
constexpr timeval kNever{std::numeric_limits<std::int32_t>::max(), 0};
constexpr timeval kLongAgo{1, 0};  // not zero: that would mean "no timer"

DatagramBio& self_of(BIO* bio) noexcept { return *static_cast<DatagramBio*>(BIO_get_data(bio)); }

}  // namespace

DatagramBio::DatagramBio(common::Duration first_retransmission)
    : first_retransmission_(first_retransmission), interval_(first_retransmission) {}

bool DatagramBio::attach(SSL* ssl) {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) return false;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  DTLS_set_timer_cb(ssl, on_timer);
  return true;
}

std::optional<common::Bytes> DatagramBio::take_outgoing() {
  if (outgoing_.empty()) return std::nullopt;
  common::Bytes datagram = std::move(outgoing_.front());
  outgoing_.pop_front();
  return datagram;
}

void DatagramBio::expire() noexcept {
  if (openssl_deadline_ != nullptr && deadline_) *openssl_deadline_ = kLongAgo;
}

const BIO_METHOD* DatagramBio::method() {
  static const BIO_METHOD* const shared = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "datagram");
    if (made == nullptr) return made;
    BIO_meth_set_read(made, on_read);
    BIO_meth_set_write(made, on_write);
    BIO_meth_set_ctrl(made, on_control);
    return made;
  }();
  return shared;
}

int DatagramBio::on_read(BIO* bio, char* out, int size) {
  DatagramBio& self = self_of(bio);
  BIO_clear_retry_flags(bio);
  if (self.incoming_.empty() || size <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(self.incoming_.size(), static_cast<std::size_t>(size));
  std::memcpy(out, self.incoming_.data(), count);
  self.incoming_ = {};  // what did not fit is gone, as with a socket
  return static_cast<int>(count);
}

int DatagramBio::on_write(BIO* bio, const char* data, int size) {
  if (size <= 0) return 0;
  const common::ByteSpan bytes = common::as_bytes({data, static_cast<std::size_t>(size)});
  self_of(bio).outgoing_.emplace_back(bytes.begin(), bytes.end());
  return size;
}

long DatagramBio::on_control(BIO* bio, int command, long, void* pointer) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
      self_of(bio).on_timer_set(static_cast<timeval*>(pointer));
      return 1;
    default:
      return 0;
  }
}

void DatagramBio::on_timer_set(timeval* openssl_deadline) noexcept {
  openssl_deadline_ = openssl_deadline;
  if (openssl_deadline->tv_sec == 0 && openssl_deadline->tv_usec == 0) {
    deadline_.reset();
    return;
  }
  deadline_ = now_ + interval_;
  *openssl_deadline = kNever;
}

unsigned DatagramBio::on_timer(SSL* ssl, unsigned previous_us) {
  DatagramBio& self = self_of(SSL_get_rbio(ssl));
  self.interval_ = previous_us == 0 ? self.first_retransmission_ : std::min(self.interval_ * 2, kLongestInterval);
  return static_cast<unsigned>(std::chrono::duration_cast<microseconds>(self.interval_).count());
}

}  // namespace relay::dtls
