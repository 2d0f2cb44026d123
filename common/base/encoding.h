#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace common {

/// RFC 4648 §4, padded. SDES keys need the padding: some peers refuse a key without it.
std::string base64_encode(ByteSpan bytes);
/// Accepts the padded and the unpadded form; nullopt on any character outside the alphabet.
std::optional<Bytes> base64_decode(std::string_view text);

/// RFC 4648 §5 without padding: every character may stand in a SIP URI's userinfo and in a token.
std::string base64url_encode(ByteSpan bytes);
std::optional<Bytes> base64url_decode(std::string_view text);

/// Lower case, two digits a byte.
std::string hex_encode(ByteSpan bytes);
/// Either case; nullopt on an odd length or another character.
std::optional<Bytes> hex_decode(std::string_view text);

}  // namespace common
