#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "proxy/sip/message.h"

namespace proxy::sip {

/// Why a message is not processed.
struct Fault {
  int status = 400;         // what a request is answered with
  std::string_view reason;  // reason phrase, static storage
  friend bool operator==(const Fault&, const Fault&) = default;
};

inline constexpr std::size_t kMaxUriLength = 2048;
inline constexpr std::size_t kMaxCallIdLength = 512;
inline constexpr std::size_t kMaxVias = 70;  // as many hops as the usual Max-Forwards allows

/// What parsing leaves open: RFC 3261 §8.1.1 (mandatory fields, each once and readable) and §16.3 steps 1 and 2
/// (syntax, scheme of the Request-URI). Everything behind it may rely on: topmost Via, CSeq, From, To and Call-ID are
/// usable, CSeq names the request's method, Max-Forwards is absent or 0–255. nullopt: process it. A response with a
/// fault is dropped.
std::optional<Fault> check(const Message& message);

/// The answer to a request with a fault, made without a transaction; nullopt: responses and ACK get none.
std::optional<Message> refusal(const Message& message, const Fault& fault);

/// The answer to bytes that Message::parse() refused with `error`, RFC 4475: what they hold of Via, From, To, Call-ID
/// and CSeq is enough for it. nullopt: no request, an ACK, or too little left to answer.
std::optional<Message> refusal(std::string_view bytes, ParseError error);

}  // namespace proxy::sip
