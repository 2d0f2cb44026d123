#include "relay/control/port_allocator.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <algorithm>

#include "common/base/text.h"

namespace relay::control {
namespace {

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);  // best effort: marks and family hints, never correctness
}

/// Expedited forwarding, RFC 3246: what networks expect of voice.
constexpr int kTrafficClass = 0xb8;

common::Fd bind_socket(const common::SocketAddress& address) {
  const int family = address.ip.is_v4() ? AF_INET : AF_INET6;
  common::Fd fd(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  if (address.ip.is_v4()) {
    set_option(fd.get(), IPPROTO_IP, IP_TOS, kTrafficClass);
  } else {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd.get(), IPPROTO_IPV6, IPV6_TCLASS, kTrafficClass);
  }
  sockaddr_storage storage;
  const socklen_t length = address.to_sockaddr(storage);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) fd.reset();
  return fd;
}

}  // namespace

std::optional<Interface> Interface::parse(std::string_view text) {
  Interface parsed;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    parsed.name = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  const bool says_advertised = text.find('!') != std::string_view::npos;
  const auto bind = common::IpAddress::parse(common::take_until(text, '!'));
  if (!bind) return std::nullopt;
  const auto advertised = says_advertised ? common::IpAddress::parse(text) : bind;
  if (!advertised || advertised->family() != bind->family()) return std::nullopt;
  parsed.bind = *bind;
  parsed.advertised = *advertised;
  return parsed;
}

PortAllocator::PortAllocator(Settings settings, std::function<common::Instant()> clock)
    : settings_(std::move(settings)), state_(std::make_shared<State>()) {
  state_->rest = settings_.rest;
  state_->clock = std::move(clock);
  state_->free.resize(settings_.interfaces.size() * settings_.shards);
  const unsigned first = (settings_.first.value + 1u) & ~1u;
  const unsigned pairs = settings_.last.value > first ? (settings_.last.value - first + 1u) / 2 : 0;
  const std::size_t slice = (pairs + settings_.shards - 1) / settings_.shards;
  for (std::size_t interface = 0; interface < settings_.interfaces.size(); ++interface) {
    for (unsigned pair = 0; pair < pairs; ++pair) {
      auto& free = state_->free[interface * settings_.shards + pair / slice];
      free.push_back({static_cast<std::uint16_t>(first + 2 * pair), common::Instant{}});
    }
  }
}

bool PortAllocator::has_interface(std::string_view name) const noexcept {
  return std::ranges::find(settings_.interfaces, name, &Interface::name) != settings_.interfaces.end();
}

std::optional<std::size_t> PortAllocator::choose(std::string_view interface,
                                                 std::optional<common::IpAddress::Family> family) const {
  for (std::size_t i = 0; i < settings_.interfaces.size(); ++i) {
    const Interface& candidate = settings_.interfaces[i];
    if (!interface.empty() && candidate.name != interface) continue;
    if (!family || candidate.bind.family() == *family) return i;
  }
  return std::nullopt;
}

common::Result<std::shared_ptr<negotiation::PortPair>, negotiation::PortError> PortAllocator::allocate(
    std::size_t shard, std::string_view interface, std::optional<common::IpAddress::Family> family) {
  const auto chosen = choose(interface, family);
  if (!chosen) return common::Err{negotiation::PortError::NoSuchInterface};
  auto& free = state_->free[*chosen * settings_.shards + shard];
  const Interface& where = settings_.interfaces[*chosen];
  const common::Instant now = state_->clock();
  for (std::size_t tries = free.size(); tries > 0 && free.front().until <= now; --tries) {
    const std::uint16_t port = free.front().port;
    free.pop_front();
    const common::SocketAddress rtp{where.bind, common::Port{port}};
    common::Fd rtp_socket = bind_socket(rtp);
    common::Fd rtcp_socket = bind_socket({where.bind, common::Port{static_cast<std::uint16_t>(port + 1)}});
    if (!rtp_socket || !rtcp_socket) {  // somebody else's: look again later
      free.push_back({port, now + state_->rest});
      continue;
    }
    ++state_->in_use;
    auto release = [state = state_, slot = *chosen * settings_.shards + shard, port] {
      --state->in_use;
      state->free[slot].push_back({port, state->clock() + state->rest});
    };
    return std::make_shared<negotiation::PortPair>(rtp, where.advertised, std::move(rtp_socket), std::move(rtcp_socket),
                                                   std::move(release));
  }
  return common::Err{negotiation::PortError::Exhausted};
}

}  // namespace relay::control
