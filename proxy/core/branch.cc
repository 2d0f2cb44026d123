#include "proxy/core/branch.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace proxy::core {

namespace {

constexpr std::string_view kMagic = "z9hG4bK";
constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kTailBytes = 5;  // loop hash and depth
constexpr std::size_t kLength = 7 + 28;

/// With its length in front: no two lists of fields give the same bytes.
void field(common::ByteWriter& writer, std::string_view text) {
  writer.u32(static_cast<std::uint32_t>(text.size())).text(text);
}

}  // namespace

LoopHash loop_hash(common::ByteSpan key, std::string_view routing_fields) {
  const auto mac = common::crypto::hmac_sha256(key, common::as_bytes("loop\n" + std::string{routing_fields}));
  return common::load_be32(mac.data());
}

std::string make_branch(common::ByteSpan key, const BranchInput& input, LoopHash loop, unsigned depth) {
  common::ByteWriter writer;
  for (const auto text : {input.received, input.sent_by, input.call_id, input.from_tag, input.target})
    field(writer, text);
  writer.u32(input.cseq).u32(input.attempt);
  const auto mac = common::crypto::hmac_sha256(key, writer.view());
  common::ByteWriter branch;
  branch.bytes(common::ByteSpan{mac}.first(kMacBytes)).u32(loop).u8(static_cast<std::uint8_t>(std::min(depth, 255u)));
  return std::string{kMagic} + common::base64url_encode(branch.view());
}

std::optional<BranchLoop> read_branch(std::string_view branch) {
  if (branch.size() != kLength || !branch.starts_with(kMagic)) return std::nullopt;
  const auto bytes = common::base64url_decode(branch.substr(kMagic.size()));
  if (!bytes || bytes->size() != kMacBytes + kTailBytes) return std::nullopt;
  return BranchLoop{common::load_be32(bytes->data() + kMacBytes), (*bytes)[kMacBytes + 4]};
}

}  // namespace proxy::core
