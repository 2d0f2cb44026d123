#include "proxy/transport/udp_port.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "proxy/transport/sockets.h"
#include "proxy/transport/stun_binding.h"

namespace proxy::transport {
namespace {

using common::IpAddress;
using common::SocketAddress;

constexpr int kBatchesPerTurn = 4;
constexpr int kErrorsPerTurn = 64;
constexpr std::size_t kControlSize = 256;

std::size_t udp() noexcept { return static_cast<std::size_t>(Kind::Udp); }

/// Where a datagram was sent to, from its packet information; nullopt without any.
std::optional<IpAddress> destination_of(msghdr& header) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof(info));
      std::array<std::uint8_t, 4> octets{};
      std::memcpy(octets.data(), &info.ipi_addr, octets.size());
      return IpAddress::v4(octets);
    }
    if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof(info));
      std::array<std::uint8_t, 16> octets{};
      std::memcpy(octets.data(), &info.ipi6_addr, octets.size());
      return IpAddress::v6(octets);
    }
  }
  return std::nullopt;
}

/// Whether an entry of the error queue is an ICMP message that says the destination cannot be reached.
bool says_unreachable(msghdr& header) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    const bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
    const bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(part), sizeof(error));
    const bool from_icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
    return from_icmp && error.ee_errno != EMSGSIZE;  // too big for a link: the kernel has learnt it
  }
  return false;
}

template <class Info>
void add_source(msghdr& header, void* control, int level, int type, const Info& info) {
  header.msg_control = control;
  header.msg_controllen = CMSG_SPACE(sizeof(Info));
  cmsghdr* part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = level;
  part->cmsg_type = type;
  part->cmsg_len = CMSG_LEN(sizeof(Info));
  std::memcpy(CMSG_DATA(part), &info, sizeof(info));
}

void add_source(msghdr& header, void* control, const IpAddress& source) {
  if (source.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, source.octets().data(), 4);
    return add_source(header, control, IPPROTO_IP, IP_PKTINFO, info);
  }
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, source.octets().data(), 16);
  add_source(header, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
}

bool is_keepalive(std::string_view bytes) {
  return bytes.find_first_not_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

}  // namespace

struct UdpBatch::State {
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kDatagrams * kDatagramSize);
  std::array<mmsghdr, kDatagrams> messages{};
  std::array<iovec, kDatagrams> parts{};
  std::array<sockaddr_storage, kDatagrams> sources{};
  alignas(cmsghdr) std::array<std::array<char, kControlSize>, kDatagrams> controls{};

  void reset() {
    for (unsigned i = 0; i < kDatagrams; ++i) {
      parts[i] = {bytes.data() + i * kDatagramSize, kDatagramSize};
      messages[i].msg_hdr = {.msg_name = &sources[i],
                             .msg_namelen = sizeof(sockaddr_storage),
                             .msg_iov = &parts[i],
                             .msg_iovlen = 1,
                             .msg_control = controls[i].data(),
                             .msg_controllen = kControlSize,
                             .msg_flags = 0};
    }
  }
};

UdpBatch::UdpBatch() : state_(std::make_unique<State>()) {}
UdpBatch::~UdpBatch() = default;

UdpPort::UdpPort(common::event::Loop& loop, common::Fd fd, ListenerId listener, UdpBatch& batch, Stats& stats,
                 Events events)
    : fd_(std::move(fd)),
      local_(local_address(fd_.get())),
      listener_(listener),
      batch_(batch),
      stats_(stats),
      events_(std::move(events)),
      watch_(loop, fd_.get(), [this](common::event::Ready) { receive(); }) {
  watch_.want(true, false);
}

void UdpPort::receive() {
  for (int turn = 0; turn < kBatchesPerTurn; ++turn) {
    batch_.state_->reset();
    const int count =
        ::recvmmsg(fd_.get(), batch_.state_->messages.data(), UdpBatch::kDatagrams, MSG_DONTWAIT, nullptr);
    if (count <= 0) return read_errors();
    read_batch(static_cast<unsigned>(count));
    if (count < static_cast<int>(UdpBatch::kDatagrams)) return;
  }
}

void UdpPort::read_batch(unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    msghdr& header = batch_.state_->messages[i].msg_hdr;
    const std::size_t size = batch_.state_->messages[i].msg_len;
    stats_.received_bytes[udp()] += size;
    if ((header.msg_flags & MSG_TRUNC) != 0) {
      ++stats_.refused[static_cast<std::size_t>(Refusal::OversizeDatagram)];
      continue;
    }
    const std::string_view bytes{static_cast<const char*>(batch_.state_->parts[i].iov_base), size};
    if (is_keepalive(bytes)) {
      ++stats_.keepalives;
      continue;
    }
    Flow flow{.kind = Kind::Udp, .listener = listener_, .connection = {}, .local = local_, .remote = {}};
    flow.local.ip = destination_of(header).value_or(local_.ip);
    flow.remote = SocketAddress::from_sockaddr(static_cast<const sockaddr*>(header.msg_name));
    if (is_stun(bytes)) {
      ++stats_.keepalives;
      const auto answer = answer_binding(bytes, flow.remote);
      if (answer) send(flow.local.ip, flow.remote, *answer);
      continue;
    }
    ++stats_.received_messages[udp()];
    events_.on_datagram(flow, bytes);
  }
}

/// Also clears the socket's pending error, which would keep it ready for ever.
void UdpPort::read_errors() {
  for (int i = 0; i < kErrorsPerTurn; ++i) {
    sockaddr_storage destination{};
    alignas(cmsghdr) std::array<char, 512> control{};
    std::array<char, 64> payload{};
    iovec part{payload.data(), payload.size()};
    msghdr header{.msg_name = &destination,
                  .msg_namelen = sizeof(destination),
                  .msg_iov = &part,
                  .msg_iovlen = 1,
                  .msg_control = control.data(),
                  .msg_controllen = control.size(),
                  .msg_flags = 0};
    if (::recvmsg(fd_.get(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    if (header.msg_namelen > 0 && says_unreachable(header))
      events_.on_unreachable(SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&destination)));
  }
}

/// 0 or errno.
int UdpPort::send_once(const IpAddress& source, const SocketAddress& remote, std::string_view bytes) {
  sockaddr_storage storage{};
  const socklen_t length = remote.to_sockaddr(storage);
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  msghdr header{.msg_name = &storage,
                .msg_namelen = length,
                .msg_iov = &part,
                .msg_iovlen = 1,
                .msg_control = nullptr,
                .msg_controllen = 0,
                .msg_flags = 0};
  if (!source.is_unspecified() && local_.ip.is_unspecified()) add_source(header, control.data(), source);
  return ::sendmsg(fd_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? errno : 0;
}

std::optional<SendError> UdpPort::send(const IpAddress& source, const SocketAddress& remote, std::string_view bytes) {
  if (remote.ip.family() != local_.ip.family() || remote.port.value == 0) return SendError::Unreachable;
  int error = send_once(source, remote, bytes);
  const bool may_be_old = error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
  if (may_be_old) {  // the socket first tells what ICMP said of an earlier datagram
    read_errors();
    error = send_once(source, remote, bytes);
  }
  if (error == EMSGSIZE) return SendError::TooLarge;
  const bool lost_on_the_way = error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ECONNREFUSED;
  if (error != 0 && !lost_on_the_way) return SendError::Unreachable;
  ++stats_.sent_messages[udp()];
  stats_.sent_bytes[udp()] += bytes.size();
  return std::nullopt;
}

}  // namespace proxy::transport
