#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace test {

/// One masked frame as a browser sends it, RFC 6455 §5.2.
inline std::string ws_frame(std::uint8_t opcode, std::string_view payload, bool final = true) {
  std::string frame{static_cast<char>((final ? 0x80 : 0) | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  }
  const std::string_view mask = "\x11\x22\x33\x44";
  frame += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ mask[i % 4]);
  return frame;
}

}  // namespace test
