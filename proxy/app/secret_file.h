#pragma once

#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/crypto/random.h"

namespace proxy::app {

/// The node's master secret, 32 bytes, kept as one hexadecimal line in a file that only its owner may read.
/// A missing file is made with mode 0600. Error: what is wrong and what to do, for a person.
[[nodiscard]] common::Result<common::Bytes, std::string> load_or_make_secret(const std::string& path,
                                                                             common::crypto::Random& random);

/// A key of its own for each purpose: 32 bytes, HMAC-SHA-256 of the purpose under the master secret.
common::Bytes derive_key(common::ByteSpan master, std::string_view purpose);

}  // namespace proxy::app
