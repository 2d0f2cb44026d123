#include "proxy/auth/user_table.h"

namespace proxy::auth {

UserTable::UserTable(std::vector<User> users) {
  for (User& user : users) users_.insert_or_assign(std::move(user.name), std::move(user.secret));
}

std::optional<Secret> UserTable::find(std::string_view name) const {
  const auto found = users_.find(std::string{name});
  if (found == users_.end()) return std::nullopt;
  return found->second;
}

bool UserTable::contains(std::string_view name) const { return users_.contains(std::string{name}); }

}  // namespace proxy::auth
