#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "control-protocol/message/value.h"

namespace ng {

/// Decodes exactly one bencoded dictionary. Never recurses: the depth of the input costs no stack.
[[nodiscard]] common::Result<Dictionary, DecodeError> decode_bencode(std::string_view text, const Limits& limits = {});

/// How many bytes of `text` the dictionary at its beginning takes. Truncated means: more bytes are needed.
[[nodiscard]] common::Result<std::size_t, DecodeError> measure_bencode(std::string_view text,
                                                                       const Limits& limits = {});

std::string encode_bencode(const Dictionary& dictionary);

}  // namespace ng
