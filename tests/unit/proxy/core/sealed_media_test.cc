#include "proxy/core/sealed_media.h"

#include <catch2/catch.hpp>

using namespace proxy;
using namespace proxy::core;

namespace {

routing::Router router_with(std::string name) {
  routing::Route route;
  route.name = std::move(name);
  route.media.caller_interface = "inside";
  return routing::Router{{}, {route}};
}

SealedMedia sealed() {
  return {.relayed = true, .require_encryption = true, .route = routing::route_id("a"), .relay = 3, .relay_boot = 9};
}

}  // namespace

TEST_CASE("what a cookie says of media comes back, and what another version wrote does not", "[cookie]") {
  common::ByteWriter writer;
  write_media(writer, sealed());
  const common::Bytes bytes = writer.take();
  CHECK(bytes.size() == 6);
  common::ByteReader reader{bytes};
  CHECK(read_media(reader) == sealed());
  common::Bytes other = bytes;
  other[0] = static_cast<std::uint8_t>(other[0] | 0x80);
  common::ByteReader later{other};
  CHECK_FALSE(read_media(later));
}

TEST_CASE("the interfaces follow the route as it is now, encryption stays as it was sealed", "[cookie]") {
  CHECK(policy_of(sealed(), router_with("a")).caller_interface == "inside");
  CHECK(policy_of(sealed(), router_with("a")).require_encryption);
  CHECK(policy_of(sealed(), router_with("b")).caller_interface.empty());
  CHECK(policy_of(sealed(), router_with("b")).require_encryption);
  CHECK(policy_of(sealed(), router_with("b")).relay);
}
