#pragma once

#include <initializer_list>

#include "common/base/bytes.h"
#include "relay/stun/types.h"

namespace relay::ice {

/// `message` with empty attributes of these types in front of its own. Its integrity is not made anew.
inline common::Bytes with_attributes(common::Bytes message, std::initializer_list<std::uint16_t> types) {
  common::ByteWriter more;
  for (const std::uint16_t type : types) more.u16(type).u16(0);
  message.insert(message.begin() + stun::kHeaderSize, more.view().begin(), more.view().end());
  common::store_be16(&message[2], static_cast<std::uint16_t>(message.size() - stun::kHeaderSize));
  return message;
}

}  // namespace relay::ice
