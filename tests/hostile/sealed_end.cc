// Puts ICE, DTLS and SRTP around a plain RTP phone on the same host: `sealed_end MEDIA PHONE` has a socket at each of
// the two addresses, MEDIA for the relay, PHONE for the phone. Prints its SDP offer and `offered`, reads the answer
// from standard input to the end, prints `ready` once media may pass, and passes it until a signal ends it.
#include <fmt/core.h>
#include <poll.h>
#include <sysexits.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>

#include "common/net/fd.h"
#include "relay/dtls/certificate.h"
#include "relay/rtp/packet_view.h"
#include "relay/rtp/packet_writer.h"
#include "tests/support/relay_party.h"

namespace {

using common::SocketAddress;

common::Instant now() {
  return common::Instant{
      std::chrono::duration_cast<common::Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

class UdpSocket {
 public:
  explicit UdpSocket(const SocketAddress& local)
      : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_storage storage;
    const socklen_t length = local.to_sockaddr(storage);
    if (!fd_ || ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot bind " + local.to_string());
    }
  }

  int fd() const noexcept { return fd_.get(); }

  /// Where the datagram came from; nothing: none is there.
  std::optional<SocketAddress> receive(relay::packet::PacketBuffer& packet) {
    packet.reset();
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const ssize_t size = ::recvfrom(fd_.get(), packet.data(), relay::packet::PacketBuffer::kMaxDatagram, 0,
                                    reinterpret_cast<sockaddr*>(&from), &length);
    if (size < 0) return std::nullopt;
    packet.resize(static_cast<std::size_t>(size));
    return SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&from));
  }

  /// What cannot be sent is lost, as on any network.
  void send(const SocketAddress& to, common::ByteSpan bytes) {
    sockaddr_storage storage;
    const socklen_t length = to.to_sockaddr(storage);
    (void)::sendto(fd_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&storage), length);
  }

 private:
  common::Fd fd_;
};

class SealedEnd {
 public:
  SealedEnd(const SocketAddress& media, const SocketAddress& phone)
      : media_address_(media),
        media_(media),
        phone_(phone),
        party_({.tag = "left", .rtp = media, .formats = "0", .codecs = "", .dtls = true, .ice = true, .rtcp_mux = true},
               random_, relay::dtls::Certificate::make(random_, wall_clock())) {}

  std::string offer() { return party_.offer(); }
  void take(const std::string& answer) { party_.take(answer, now()); }
  bool ready() const { return party_.ready(); }

  /// One turn: sends what is due, waits for packets or timers, takes what has come.
  void turn() {
    post();
    std::array<pollfd, 2> sockets{pollfd{media_.fd(), POLLIN, 0}, pollfd{phone_.fd(), POLLIN, 0}};
    (void)::poll(sockets.data(), sockets.size(), wait_time());
    from_network();
    from_phone();
    if (const auto due = party_.next_timeout(); due && *due <= now()) party_.on_timeout(now());
    post();
  }

 private:
  static common::WallTime wall_clock() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

  /// Milliseconds.
  int wait_time() const {
    constexpr common::Duration kLongest = std::chrono::milliseconds{500};
    const auto due = party_.next_timeout();
    const common::Duration wait = due ? std::clamp(*due - now(), common::Duration::zero(), kLongest) : kLongest;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
  }

  void post() {
    for (const auto& [route, bytes] : std::exchange(party_.outbox, {})) media_.send(route.to, bytes);
  }

  void from_network() {
    while (const auto from = media_.receive(packet_)) {
      const unsigned unreadable = party_.unreadable;
      party_.on_datagram(media_address_, *from, packet_.span(), now());
      if (!phone_of_) continue;
      // The phone counts as foreign what it does not know: so this cannot be opened, let it see that.
      if (party_.unreadable > unreadable) phone_.send(*phone_of_, packet_.span());
      for (const tests::HeardRtp& rtp : std::exchange(party_.heard, {})) to_phone(rtp);
    }
    party_.heard_rtcp.clear();
  }

  void to_phone(const tests::HeardRtp& rtp) {
    relay::packet::PacketBuffer packet;
    const relay::rtp::Header header{rtp.payload_type, rtp.marker, rtp.sequence, rtp.timestamp, {rtp.ssrc}};
    if (relay::rtp::write_packet(packet, header, rtp.payload)) phone_.send(*phone_of_, packet.span());
  }

  void from_phone() {
    while (const auto from = phone_.receive(packet_)) {
      phone_of_ = from;
      const auto view = relay::rtp::PacketView::parse(packet_.span());
      if (view) (void)party_.send(view->payload_type(), view->timestamp(), view->payload(), now(), view->marker());
    }
  }

  common::crypto::SystemRandom random_;
  SocketAddress media_address_;
  UdpSocket media_;
  UdpSocket phone_;
  std::optional<SocketAddress> phone_of_;  // who has spoken from this host
  tests::Party party_;
  relay::packet::PacketBuffer packet_;
};

}  // namespace

int main(int argc, char** argv) try {
  const auto media = argc == 3 ? SocketAddress::parse(argv[1]) : std::nullopt;
  const auto phone = argc == 3 ? SocketAddress::parse(argv[2]) : std::nullopt;
  if (!media || !phone) {
    fmt::print(stderr, "usage: sealed_end MEDIA_ADDRESS:PORT PHONE_ADDRESS:PORT\n");
    return EX_USAGE;
  }
  SealedEnd end(*media, *phone);
  fmt::print("{}offered\n", end.offer());
  std::fflush(stdout);
  end.take({std::istreambuf_iterator<char>(std::cin), {}});
  while (!end.ready()) end.turn();
  fmt::print("ready\n");
  std::fflush(stdout);
  for (;;) end.turn();
} catch (const std::exception& error) {
  fmt::print(stderr, "sealed_end: {}\n", error.what());
  return EX_OSERR;
}
