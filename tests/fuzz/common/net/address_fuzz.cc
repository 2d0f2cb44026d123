#include "common/net/address.h"

#include "common/base/invariant.h"

/// Whatever reads as an address reads the same after being written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = common::as_text({data, size});
  if (const auto ip = common::IpAddress::parse(text)) {
    INVARIANT(common::IpAddress::parse(ip->to_string()) == ip, "an IP address survives its own writer");
    INVARIANT(common::IpAddress::parse(ip->to_uri_host()) == ip, "in a URI too");
  }
  if (const auto address = common::SocketAddress::parse(text)) {
    INVARIANT(common::SocketAddress::parse(address->to_string()) == address, "so does a socket address");
    sockaddr_storage storage;
    address->to_sockaddr(storage);
    const auto again = common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
    INVARIANT(again == *address, "the system's form means the same");
  }
  if (const auto block = common::Cidr::parse(text)) {
    const auto again = common::Cidr::parse(block->to_string());
    INVARIANT(again && again->to_string() == block->to_string(), "so does a block");
  }
  return 0;
}
