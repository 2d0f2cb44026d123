#include "proxy/cluster/held_addresses.h"

#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <utility>

namespace proxy::cluster {
namespace {

common::Fd listen_for_changes() {
  common::Fd fd{::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return fd;
}

std::set<common::IpAddress> addresses_now() {
  std::set<common::IpAddress> addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return addresses;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, ::freeifaddrs};
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const bool is_ip =
        one->ifa_addr != nullptr && (one->ifa_addr->sa_family == AF_INET || one->ifa_addr->sa_family == AF_INET6);
    if (is_ip) addresses.insert(common::SocketAddress::from_sockaddr(one->ifa_addr).ip);
  }
  return addresses;
}

}  // namespace

HeldAddresses::HeldAddresses(common::event::Loop& loop, std::function<void()> on_changed)
    : on_changed_(std::move(on_changed)),
      addresses_(addresses_now()),
      netlink_(listen_for_changes()),
      watch_(loop, netlink_.get(), [this](common::event::Ready) { read(); }) {
  if (netlink_) watch_.want(true, false);
}

bool HeldAddresses::holds(const common::IpAddress& address) const {
  return address.is_unspecified() || address.is_loopback() || addresses_.contains(address);
}

/// What the messages say does not matter: the list is read anew. A queue that overran is just another change.
void HeldAddresses::read() {
  std::array<char, 8192> ignored;
  while (::recv(netlink_.get(), ignored.data(), ignored.size(), 0) > 0) {
  }
  auto now = addresses_now();
  if (now == addresses_) return;
  addresses_ = std::move(now);
  on_changed_();
}

}  // namespace proxy::cluster
