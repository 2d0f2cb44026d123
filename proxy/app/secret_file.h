#pragma once

#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/crypto/random.h"

namespace proxy::app {

/// The node's master secrets, 32 bytes each. With two, the first one makes what is new, and what either has made is
/// accepted: so every node of a pair can learn a new secret before any of them uses it.
struct Secrets {
  common::Bytes current;
  std::optional<common::Bytes> other;
  friend bool operator==(const Secrets&, const Secrets&) = default;
};

/// Secrets are kept as one or two hexadecimal lines in a file that only its owner may read. A missing file is made with
/// mode 0600. Error: what is wrong and what to do, for a person.
[[nodiscard]] common::Result<Secrets, std::string> load_or_make_secrets(const std::string& path,
                                                                        common::crypto::Random& random);

/// The same, but a missing file is an error: a running proxy that made a new secret would disown its calls.
[[nodiscard]] common::Result<Secrets, std::string> load_secrets(const std::string& path);

/// Why load_or_make_secrets() would fail, without making anything; nullopt: it would not.
std::optional<std::string> problem_of_secrets(const std::string& path);

}  // namespace proxy::app
