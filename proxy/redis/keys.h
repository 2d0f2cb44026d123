#pragma once

#include <string>

namespace proxy::redis {

/// Names of what this cluster keeps in Redis. Everything of one address-of-record or call lies in one slot of a
/// Cluster.
class KeyNames {
 public:
  explicit KeyNames(std::string prefix) : prefix_(std::move(prefix)) {}

  /// Hash: `revision`, `bindings`. Expires with the last binding.
  std::string bindings_of(const std::string& aor) const { return prefix_ + "aor:{" + aor + '}'; }
  std::string all_bindings() const { return prefix_ + "aor:{*}"; }
  /// The address-of-record in such a key; empty: it is another key.
  std::string aor_of(std::string_view key) const {
    const std::string start = prefix_ + "aor:{";
    if (!key.starts_with(start) || !key.ends_with('}')) return {};
    return std::string{key.substr(start.size(), key.size() - start.size() - 1)};
  }
  /// Channel: address-of-record, revision and bindings of each change.
  std::string binding_changes() const { return prefix_ + "bindings"; }

 private:
  std::string prefix_;
};

}  // namespace proxy::redis
