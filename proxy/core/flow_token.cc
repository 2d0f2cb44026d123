#include "proxy/core/flow_token.h"

#include "common/base/encoding.h"

namespace proxy::core {
namespace {

constexpr std::string_view kUse = "flow-token";  // no cookie of another use opens as one
constexpr std::size_t kLongest = 96;

}  // namespace

std::string seal_flow_token(const Sealer& sealer, const FlowToken& token) {
  common::ByteWriter writer;
  write_peer(writer, token.user_agent);
  writer.u32(token.registrar);
  return common::base64url_encode(sealer.seal(writer.view(), kUse));
}

std::optional<FlowToken> open_flow_token(const Sealer& sealer, std::string_view text) {
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  const auto sealed = common::base64url_decode(text);
  const auto contents = sealed ? sealer.open(*sealed, kUse) : std::nullopt;
  if (!contents) return std::nullopt;
  common::ByteReader reader{*contents};
  const auto user_agent = read_peer(reader);
  if (!user_agent) return std::nullopt;
  FlowToken token{*user_agent, reader.u32()};
  if (!reader.ok() || reader.remaining() != 0) return std::nullopt;
  return token;
}

}  // namespace proxy::core
