#include "proxy/core/via_cookie.h"

#include "common/base/encoding.h"

namespace proxy::core {

namespace {

constexpr std::size_t kMaxCk = 160;
constexpr unsigned kCseqRoom = 1;
constexpr unsigned kFromCallee = 2;
constexpr unsigned kSdpShift = 4;

std::string associated(std::string_view next_via, std::string_view call_id) {
  return "via\n" + std::string{next_via} + '\n' + std::string{call_id};
}

}  // namespace

std::string seal_via_cookie(const Sealer& sealer, const ViaCookie& cookie, std::string_view next_via,
                            std::string_view call_id) {
  common::ByteWriter writer;
  write_peer(writer, cookie.inbound);
  writer.u8(static_cast<std::uint8_t>(cookie.egress.value)).u32(cookie.next_owner);
  write_media(writer, cookie.media);
  writer.u8(static_cast<std::uint8_t>((cookie.cseq_room ? kCseqRoom : 0u) | (cookie.from_callee ? kFromCallee : 0u) |
                                      static_cast<unsigned>(cookie.sdp) << kSdpShift));
  writer.u8(cookie.attempt).u8(cookie.target).u32(cookie.time).u32(cookie.boot);
  return common::base64url_encode(sealer.seal(writer.view(), associated(next_via, call_id)));
}

std::optional<ViaCookie> open_via_cookie(const Sealer& sealer, std::string_view ck, std::string_view next_via,
                                         std::string_view call_id) {
  if (ck.size() > kMaxCk) return std::nullopt;
  const auto sealed = common::base64url_decode(ck);
  if (!sealed) return std::nullopt;
  const auto contents = sealer.open(*sealed, associated(next_via, call_id));
  if (!contents) return std::nullopt;
  common::ByteReader reader{*contents};
  const auto inbound = read_peer(reader);
  if (!inbound) return std::nullopt;
  ViaCookie cookie;
  cookie.inbound = *inbound;
  cookie.egress = {reader.u8()};
  cookie.next_owner = reader.u32();
  const auto media = read_media(reader);
  if (!media) return std::nullopt;
  cookie.media = *media;
  const unsigned flags = reader.u8();
  cookie.attempt = reader.u8();
  cookie.target = reader.u8();
  cookie.time = reader.u32();
  if (reader.remaining() != 0) cookie.boot = reader.u32();  // the release before did not tell
  if (!reader.ok() || reader.remaining() != 0 || flags >> kSdpShift > 2) return std::nullopt;
  cookie.cseq_room = (flags & kCseqRoom) != 0;
  cookie.from_callee = (flags & kFromCallee) != 0;
  cookie.sdp = static_cast<ViaCookie::Sdp>(flags >> kSdpShift);
  return cookie;
}

}  // namespace proxy::core
