#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/net/address.h"
#include "common/net/fd.h"

namespace relay::negotiation {

/// Two bound UDP sockets next to each other, RTP on the even port (RFC 3550 §11). Shared by the states of one leg
/// before and after an exchange; when the last one goes, the numbers return to their allocator.
class PortPair {
 public:
  PortPair(common::SocketAddress rtp, common::IpAddress advertised, common::Fd rtp_socket, common::Fd rtcp_socket,
           std::function<void()> release)
      : rtp_(rtp),
        advertised_(advertised),
        rtp_socket_(std::move(rtp_socket)),
        rtcp_socket_(std::move(rtcp_socket)),
        release_(std::move(release)) {}
  ~PortPair() {
    if (release_) release_();
  }
  PortPair(const PortPair&) = delete;
  PortPair& operator=(const PortPair&) = delete;

  common::SocketAddress bound_rtp() const noexcept { return rtp_; }
  common::SocketAddress bound_rtcp() const noexcept { return {rtp_.ip, next(rtp_.port)}; }
  common::SocketAddress advertised_rtp() const noexcept { return {advertised_, rtp_.port}; }
  common::SocketAddress advertised_rtcp() const noexcept { return {advertised_, next(rtp_.port)}; }

  /// The sockets, once; an empty Fd afterwards.
  common::Fd take_rtp_socket() noexcept { return std::move(rtp_socket_); }
  common::Fd take_rtcp_socket() noexcept { return std::move(rtcp_socket_); }

 private:
  static common::Port next(common::Port port) noexcept {
    return common::Port{static_cast<std::uint16_t>(port.value + 1)};
  }

  common::SocketAddress rtp_;
  common::IpAddress advertised_;
  common::Fd rtp_socket_;
  common::Fd rtcp_socket_;
  std::function<void()> release_;
};

}  // namespace relay::negotiation
