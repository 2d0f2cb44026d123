#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include "relay/control/call.h"
#include "relay/dtls/certificate.h"

/// One call, and the surroundings that negotiation needs: ports without sockets, seeded randomness.
namespace relay::control {

using namespace std::chrono_literals;

inline std::string audio_sdp(std::string_view address, int port, std::string_view more = "") {
  return "v=0\r\no=- 1 1 IN IP4 " + std::string(address) + "\r\ns=-\r\nc=IN IP4 " + std::string(address) +
         "\r\nt=0 0\r\nm=audio " + std::to_string(port) + " RTP/AVP 0\r\n" + std::string(more);
}

inline const std::string kAlice = audio_sdp("198.51.100.1", 4000);
inline const std::string kBob = audio_sdp("203.0.113.2", 5000);
inline const std::string kCarol = audio_sdp("203.0.113.3", 6000);
inline constexpr std::string_view kAliceAt = "198.51.100.1:4000";
inline constexpr std::string_view kBobAt = "203.0.113.2:5000";
inline constexpr std::string_view kCarolAt = "203.0.113.3:6000";

struct CallScene {
  static constexpr common::WallTime kCreated{1'795'000'000s};

  ng::Request request(std::string_view from, std::string_view to, std::string_view branch, const std::string& sdp,
                      std::string_view flags = "trust-address") {
    return *ng::read_request({{"command", "offer"},
                              {"call-id", "call"},
                              {"from-tag", from},
                              {"to-tag", to},
                              {"via-branch", branch},
                              {"sdp", sdp},
                              {"rtpp-flags", flags}});
  }
  /// The SDP for the other party, or `error: …`.
  std::string offer(std::string_view from, std::string_view to, std::string_view branch, const std::string& sdp,
                    std::string_view flags = "trust-address") {
    return said(call.offer(request(from, to, branch, sdp, flags), environment));
  }
  std::string answer(std::string_view from, std::string_view to, std::string_view branch, const std::string& sdp,
                     std::string_view flags = "trust-address") {
    return said(call.answer(request(from, to, branch, sdp, flags), environment));
  }
  Call::Removed remove(std::string_view from, std::string_view to, std::string_view branch = "") {
    ng::Request removal;
    removal.command = ng::Command::Delete;
    removal.from_tag = from;
    removal.to_tag = to;
    removal.via_branch = branch;
    return call.remove(removal);
  }

  session::SessionPlan plan() const { return call.plan(environment, 60s); }
  /// Media of the peer at `from` goes to the peer at `to`.
  bool flows(std::string_view from, std::string_view to) const {
    const session::SessionPlan now = plan();
    const auto leg_to = [&](std::string_view remote) {
      return std::ranges::find_if(now.legs, [&](const session::LegPlan& leg) {
        return leg.remote_rtp && leg.remote_rtp->to_string() == remote;
      });
    };
    const auto a = leg_to(from);
    const auto b = leg_to(to);
    return a != now.legs.end() && b != now.legs.end() &&
           std::ranges::any_of(now.paths,
                               [&](const session::PathPlan& path) { return path.from == a->id && path.to == b->id; });
  }

  common::crypto::SeededRandom random{1};
  std::uint32_t last_leg = 0;
  std::uint16_t next_port = 30000;
  int pairs_in_use = 0;
  negotiation::Environment environment{
      random, dtls::Certificate::make(random, common::WallTime{std::chrono::hours{500'000}}), false,
      [this] { return session::LegId{++last_leg}; },
      [this](std::string_view, std::optional<common::IpAddress::Family>) { return open(); }};
  Call call{"call", session::SessionId{7}, 0, "cname", kCreated};

 private:
  static std::string said(const negotiation::Exchanged& result) {
    return result ? *result : "error: " + result.error().reason;
  }
  common::Result<std::shared_ptr<negotiation::PortPair>, negotiation::PortError> open() {
    const common::SocketAddress address{common::IpAddress::v4({192, 0, 2, 10}), common::Port{next_port}};
    next_port = static_cast<std::uint16_t>(next_port + 2);
    ++pairs_in_use;
    return std::make_shared<negotiation::PortPair>(address, address.ip, common::Fd{}, common::Fd{},
                                                   [this] { --pairs_in_use; });
  }
};

inline bool is_error(const std::string& said) { return said.starts_with("error: "); }

}  // namespace relay::control
