#include "proxy/core/teardown_blob.h"

#include <algorithm>

#include "common/base/encoding.h"

namespace proxy::core {

namespace {

constexpr std::string_view kAssociated = "teardown";
constexpr std::size_t kMaxText = 32768;
constexpr std::size_t kMaxField = 4096;
constexpr std::size_t kMaxRoutes = 32;

void write_text(common::ByteWriter& writer, std::string_view text) {
  writer.u16(static_cast<std::uint16_t>(text.size())).text(text);
}

std::string read_text(common::ByteReader& reader) { return std::string{common::as_text(reader.bytes(reader.u16()))}; }

void write_end(common::ByteWriter& writer, const TeardownEnd& end) {
  write_peer(writer, end.peer);
  write_text(writer, end.party);
  write_text(writer, end.target);
  writer.u8(static_cast<std::uint8_t>(end.route_set.size()));
  for (const std::string& route : end.route_set) write_text(writer, route);
  writer.u32(end.last_cseq);
}

bool fits(const TeardownEnd& end) {
  const auto is_short = [](const std::string& text) { return text.size() <= kMaxField; };
  return is_short(end.party) && is_short(end.target) && end.route_set.size() <= kMaxRoutes &&
         std::ranges::all_of(end.route_set, is_short);
}

std::optional<TeardownEnd> read_end(common::ByteReader& reader) {
  TeardownEnd end;
  const auto peer = read_peer(reader);
  if (!peer) return std::nullopt;
  end.peer = *peer;
  end.party = read_text(reader);
  end.target = read_text(reader);
  const std::size_t routes = reader.u8();
  for (std::size_t i = 0; i < routes && reader.ok(); ++i) end.route_set.push_back(read_text(reader));
  end.last_cseq = reader.u32();
  return end;
}

}  // namespace

std::optional<std::string> seal_teardown_blob(const Sealer& sealer, const TeardownBlob& blob) {
  if (blob.call_id.size() > kMaxField || !fits(blob.caller) || !fits(blob.callee) ||
      blob.caller_seen.size() > kMaxField) {
    return std::nullopt;
  }
  common::ByteWriter writer;
  writer.u32(blob.time);
  write_text(writer, blob.call_id);
  write_end(writer, blob.caller);
  write_end(writer, blob.callee);
  write_text(writer, blob.caller_seen);
  std::string text = common::base64url_encode(sealer.seal(writer.view(), kAssociated));
  if (text.size() > kMaxText) return std::nullopt;
  return text;
}

std::optional<TeardownBlob> open_teardown_blob(const Sealer& sealer, std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  const auto sealed = common::base64url_decode(text);
  if (!sealed) return std::nullopt;
  const auto contents = sealer.open(*sealed, kAssociated);
  if (!contents) return std::nullopt;
  common::ByteReader reader{*contents};
  TeardownBlob blob;
  blob.time = reader.u32();
  blob.call_id = read_text(reader);
  auto caller = read_end(reader);
  auto callee = read_end(reader);
  blob.caller_seen = read_text(reader);
  if (!caller || !callee || !reader.ok() || reader.remaining() != 0) return std::nullopt;
  blob.caller = std::move(*caller);
  blob.callee = std::move(*callee);
  return blob;
}

}  // namespace proxy::core
