#pragma once

#include <string_view>

namespace proxy::redis {

/// The Redis Functions that the proxies themselves call. A release that changes one gives it another number and keeps
/// the old one, so that neighbouring releases work side by side.
inline constexpr std::string_view kFunctions = R"lua(#!lua name=causeway_1

-- KEYS: the record. ARGV: the revision it must have, the one it gets, ms until it expires, bindings as text, channel,
-- address-of-record. Returns {1, revision}, or {0, revision, bindings} of what is there instead. A record without bindings
-- stays for a while, so that a node that was away learns of it; for writers it is as good as none.
local function replace_bindings(keys, argv)
  local there = redis.call('HMGET', keys[1], 'revision', 'bindings')
  local revision = there[1] or '0'
  local bindings = there[2] or '[]'
  if revision ~= argv[1] and not (argv[1] == '0' and bindings == '[]') then
    return {0, revision, bindings}
  end
  local next = string.format('%.0f', math.max(tonumber(argv[2]), tonumber(revision) + 1))
  redis.call('HSET', keys[1], 'revision', next, 'bindings', argv[4])
  redis.call('PEXPIRE', keys[1], argv[3])
  redis.call('PUBLISH', argv[5], argv[6] .. '\n' .. next .. '\n' .. argv[4])
  return {1, next}
end

redis.register_function('causeway_replace_bindings_1', replace_bindings)
)lua";

}  // namespace proxy::redis
