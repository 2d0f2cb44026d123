#include "control-protocol/message/envelope.h"

#include "control-protocol/bencode/bencode.h"
#include "control-protocol/json/json.h"

namespace ng {

common::Result<Envelope, DecodeError> open_envelope(std::string_view message) {
  const auto space = message.substr(0, kMaxCookieLength + 1).find(' ');
  if (space == std::string_view::npos || space == 0) return common::Err{DecodeError::Malformed};
  const auto payload = message.substr(space + 1);
  if (payload.empty()) return common::Err{DecodeError::Truncated};
  if (payload.front() != 'd' && payload.front() != '{') return common::Err{DecodeError::NotADictionary};
  return Envelope{message.substr(0, space), payload.front() == 'd' ? Encoding::Bencode : Encoding::Json, payload};
}

common::Result<Dictionary, DecodeError> decode(Encoding encoding, std::string_view payload, const Limits& limits) {
  return encoding == Encoding::Bencode ? decode_bencode(payload, limits) : decode_json(payload, limits);
}

std::string encode(Encoding encoding, const Dictionary& dictionary) {
  return encoding == Encoding::Bencode ? encode_bencode(dictionary) : encode_json(dictionary);
}

std::string seal_envelope(std::string_view cookie, Encoding encoding, const Dictionary& dictionary) {
  std::string message(cookie);
  message += ' ';
  message += encode(encoding, dictionary);
  return message;
}

}  // namespace ng
