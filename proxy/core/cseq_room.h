#pragma once

#include <cstdint>
#include <optional>

#include "proxy/sip/message.h"

/// Room between CSeq numbers towards a trunk that challenges: a request repeated with credentials needs a number of its
/// own, and the caller's next one must still be higher (RFC 3261 §12.2.1.1 allows gaps). Nothing is stored.
namespace proxy::core {

constexpr unsigned kCseqSpread = 4;
constexpr std::uint32_t kMaxSpreadCseq = (std::uint32_t{1} << 29) - 1;  // four times as much still fits into 31 bits
constexpr unsigned kMaxAttempts = kCseqSpread;

/// Makes CSeq 4 n + attempt, and the number in RAck (RFC 3262 §7.2) that of the INVITE it names, which was accepted on
/// its `invite_attempt`. False: the number leaves no room.
[[nodiscard]] bool spread_cseq(sip::Message& request, unsigned attempt, unsigned invite_attempt = 0);

/// The CSeq number of the INVITE that a PRACK acknowledges a response of, out of its RAck; nullopt: it has none.
std::optional<std::uint32_t> acknowledged_cseq(const sip::Message& request);

/// Undoes spread_cseq() in the response.
void join_cseq(sip::Message& response);

}  // namespace proxy::core
