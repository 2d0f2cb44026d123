#pragma once

#include "tests/support/calls.h"

/// A trunk with several places, and what it takes to fail there.
namespace tests {

inline constexpr auto kThird = "203.0.113.7:5070";

inline proxy::next_hop::Candidate at(std::string_view address) {
  return {proxy::transport::Kind::Udp, *common::SocketAddress::parse(address), "carrier.example"};
}
inline proxy::trunk::Place place(std::string_view address) {
  return {"carrier", proxy::transport::Kind::Udp, *common::SocketAddress::parse(address)};
}
inline proxy::trunk::Trunk named(std::string name, std::string host) {
  proxy::trunk::Trunk trunk;
  trunk.name = std::move(name);
  trunk.host = std::move(host);
  return trunk;
}

/// `carrier` is found at kCarrier, kSecond and kThird.
struct Walk : CoreScene {
  explicit Walk(proxy::trunk::Trunk trunk = named("carrier", "carrier.example")) : CoreScene{{std::move(trunk)}} {
    places["carrier.example"] = {at(kCarrier), at(kSecond), at(kThird)};
  }
  /// The place refuses the request and is sent an ACK.
  void fail(std::string_view address, const proxy::sip::Message& request, int status,
            std::optional<std::string> retry_after = std::nullopt) {
    proxy::sip::Message response = answer(request, status, "x");
    if (retry_after) response.append("Retry-After", *retry_after);
    receive(udp(address), response);
    CHECK(take(address).is("ACK"));
  }
};

}  // namespace tests
