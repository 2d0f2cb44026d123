#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "control-protocol/message/value.h"

namespace ng {

/// Told by the first byte of the dictionary: 'd' or '{'.
enum class Encoding : std::uint8_t { Bencode, Json };

/// Cookie, one space, dictionary: what one datagram carries.
struct Envelope {
  std::string_view cookie;  // borrows the datagram
  Encoding encoding = Encoding::Bencode;
  std::string_view payload;  // borrows the datagram
};

inline constexpr std::size_t kMaxCookieLength = 256;

/// Splits without decoding, so that a repeat is known by its cookie alone. Malformed: no cookie, no space, or neither
/// a bencoded dictionary nor a JSON object.
[[nodiscard]] common::Result<Envelope, DecodeError> open_envelope(std::string_view message);

[[nodiscard]] common::Result<Dictionary, DecodeError> decode(Encoding encoding, std::string_view payload,
                                                             const Limits& limits = {});
std::string encode(Encoding encoding, const Dictionary& dictionary);

/// `cookie SP dictionary`.
std::string seal_envelope(std::string_view cookie, Encoding encoding, const Dictionary& dictionary);

}  // namespace ng
