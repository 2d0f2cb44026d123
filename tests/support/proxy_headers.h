#pragma once

#include <string>
#include <string_view>

namespace test {

/// A header of the PROXY protocol as a load balancer writes it: version and command, family and transport, and what
/// stands behind the length.
inline std::string proxy_header(unsigned char command, unsigned char family, std::string_view rest) {
  std::string header{"\r\n\r\n\0\r\nQUIT\n", 12};
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  header += static_cast<char>(rest.size() >> 8);
  header += static_cast<char>(rest.size() & 0xFF);
  return header.append(rest);
}

/// One of a client at 192.0.2.7:40000.
inline std::string proxy_header_of_client() {
  return proxy_header(0x21, 0x11, {"\xC0\x00\x02\x07\xC6\x33\x64\x01\x9C\x40\x13\xC4", 12});
}

}  // namespace test
