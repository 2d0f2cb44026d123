#pragma once

#include <cstdint>

namespace relay::dtls {

/// RFC 4145 §4, RFC 5763 §5: the active side is the DTLS client.
enum class Role : std::uint8_t { Active, Passive };

}  // namespace relay::dtls
