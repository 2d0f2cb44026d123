#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/net/address.h"

/// STUN at a SIP port: user agents keep their mappings alive with it and learn when these change, RFC 5626 §4.4.2.
namespace proxy::transport {

/// True for a datagram that is meant as STUN; no SIP message begins like one.
bool is_stun(std::string_view bytes) noexcept;

/// The answer to a Binding request from `source`: its address in XOR-MAPPED-ADDRESS, or 420 if it demands an attribute
/// that is not known here (RFC 8489 §6.3.1). nullopt: anything else, which nobody answers.
std::optional<std::string> answer_binding(std::string_view bytes, const common::SocketAddress& source);

}  // namespace proxy::transport
