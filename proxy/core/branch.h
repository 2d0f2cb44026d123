#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace proxy::core {

/// What makes one forwarded request the same as its retransmission and different from every other. Borrows.
/// `received` is the branch of the Via on top; with a peer of RFC 2543 (no magic cookie) the caller joins the fields of
/// RFC 3261 §16.11 instead.
struct BranchInput {
  std::string_view received;
  std::string_view sent_by;  // of the Via on top
  std::string_view call_id;
  std::string_view from_tag;
  std::uint32_t cseq = 0;
  unsigned attempt = 0;
  std::string_view target;
};

/// Recognises a request that comes back unchanged, RFC 5393 §4.2.
using LoopHash = std::uint32_t;
/// `routing_fields`: Request-URI and Route header fields as received, joined.
LoopHash loop_hash(common::ByteSpan key, std::string_view routing_fields);

/// `z9hG4bK`, the HMAC, the loop hash and the spiral depth. Made of nothing that a node owns: any node of a pair with
/// the key makes the same, so a repeated INVITE never becomes a second ring.
std::string make_branch(common::ByteSpan key, const BranchInput& input, LoopHash loop, unsigned depth);

/// What make_branch() wrote about loops; nullopt: not of our form. Unauthenticated: good for nothing but 482.
struct BranchLoop {
  LoopHash loop = 0;
  unsigned depth = 0;
};
std::optional<BranchLoop> read_branch(std::string_view branch);

}  // namespace proxy::core
