#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/event/loop.h"
#include "common/redis/link.h"

namespace common::redis {

/// `host:port`; the host may be a name.
struct Endpoint {
  std::string host;
  Port port;
  static std::optional<Endpoint> parse(std::string_view text);
  std::string to_string() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Addresses of a name; none: it is not known now. The completion may run before the call returns.
using Resolve = std::function<void(const std::string& host, std::function<void(std::vector<IpAddress>)> done)>;

/// The servers in turn, one more at each call.
Link::Find in_turn(std::vector<Endpoint> servers, Resolve resolve);

/// The master of `group` as the first of these Sentinels that answers knows it; `access` is theirs.
Link::Find by_sentinel(event::Loop& loop, std::vector<Endpoint> sentinels, std::string group, Access access,
                       Resolve resolve);

}  // namespace common::redis
