#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/auth/authenticator.h"

namespace proxy::auth {

/// A configured user; may register and call.
struct User {
  std::string name;
  Secret secret;
};

/// Users by name. A value: a reload makes a new table and swaps it in.
class UserTable {
 public:
  UserTable() = default;
  explicit UserTable(std::vector<User> users);

  std::optional<Secret> find(std::string_view name) const;
  bool contains(std::string_view name) const;
  std::size_t size() const noexcept { return users_.size(); }

 private:
  std::unordered_map<std::string, Secret> users_;
};

}  // namespace proxy::auth
