#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "control-protocol/message/value.h"

namespace ng {

/// Decodes exactly one JSON object. true and false become 1 and 0, null an empty text, a fraction is Malformed.
[[nodiscard]] common::Result<Dictionary, DecodeError> decode_json(std::string_view text, const Limits& limits = {});

/// How many bytes of `text` the object at its beginning takes. Truncated means: more bytes are needed.
[[nodiscard]] common::Result<std::size_t, DecodeError> measure_json(std::string_view text, const Limits& limits = {});

/// Bytes that are not UTF-8 are replaced: JSON cannot carry them.
std::string encode_json(const Dictionary& dictionary);

}  // namespace ng
