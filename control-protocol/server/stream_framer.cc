#include "control-protocol/server/stream_framer.h"

#include "control-protocol/bencode/bencode.h"
#include "control-protocol/json/json.h"
#include "control-protocol/message/envelope.h"

namespace ng {

void StreamFramer::push(std::string_view bytes) { pending_ += bytes; }

common::Result<std::optional<std::string>, DecodeError> StreamFramer::next() {
  pending_.erase(0, pending_.find_first_not_of(" \t\r\n"));
  const auto space = pending_.find(' ');
  if (space == std::string::npos || space + 1 == pending_.size()) {
    if (pending_.size() > kMaxCookieLength + 1) return common::Err{DecodeError::Malformed};
    return std::nullopt;
  }
  const auto envelope = open_envelope(pending_);
  if (!envelope) return common::Err{envelope.error()};
  const auto length = envelope->encoding == Encoding::Bencode ? measure_bencode(envelope->payload, limits_)
                                                              : measure_json(envelope->payload, limits_);
  if (!length) {
    if (length.error() == DecodeError::Truncated) return std::nullopt;
    return common::Err{length.error()};
  }
  std::string message = pending_.substr(0, space + 1 + *length);
  pending_.erase(0, message.size());
  return message;
}

}  // namespace ng
