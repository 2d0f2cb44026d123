#include "proxy/core/dialog_cookie.h"

#include "common/base/encoding.h"

namespace proxy::core {

namespace {

constexpr std::size_t kMaxUserinfo = 320;
constexpr std::size_t kMaxCallerUri = 120;
constexpr std::uint8_t kRoomToCallee = 1;
constexpr std::uint8_t kRoomToCaller = 2;
constexpr std::uint8_t kLateOffer = 4;
constexpr unsigned kAttemptShift = 3;
constexpr std::uint8_t kAttempt = 3;
constexpr std::uint8_t kCallerUri = 32;

std::string associated(std::string_view call_id, std::string_view caller_tag) {
  return "dialog\n" + std::string{call_id} + '\n' + std::string{caller_tag};
}

common::Bytes contents_of(const DialogCookie& cookie) {
  const bool has_caller_uri = !cookie.caller_uri.empty() && cookie.caller_uri.size() <= kMaxCallerUri;
  common::ByteWriter writer;
  writer.u32(cookie.time).u8(cookie.tenant);
  write_media(writer, cookie.media);
  writer.u8(static_cast<std::uint8_t>((cookie.room_to_callee ? kRoomToCallee : 0) |
                                      (cookie.room_to_caller ? kRoomToCaller : 0) |
                                      (cookie.late_offer ? kLateOffer : 0) | (has_caller_uri ? kCallerUri : 0) |
                                      (cookie.attempt & kAttempt) << kAttemptShift));
  write_peer(writer, cookie.caller);
  write_peer(writer, cookie.callee);
  if (has_caller_uri) writer.u8(static_cast<std::uint8_t>(cookie.caller_uri.size())).text(cookie.caller_uri);
  if (cookie.callee_tag != 0) writer.u32(cookie.callee_tag);
  return writer.take();
}

std::optional<DialogCookie> parse(common::ByteSpan contents) {
  common::ByteReader reader{contents};
  DialogCookie cookie;
  cookie.time = reader.u32();
  cookie.tenant = reader.u8();
  const auto media = read_media(reader);
  if (!media) return std::nullopt;
  cookie.media = *media;
  const std::uint8_t flags = reader.u8();
  cookie.room_to_callee = (flags & kRoomToCallee) != 0;
  cookie.room_to_caller = (flags & kRoomToCaller) != 0;
  cookie.late_offer = (flags & kLateOffer) != 0;
  cookie.attempt = flags >> kAttemptShift & kAttempt;
  const auto caller = read_peer(reader);
  const auto callee = read_peer(reader);
  if (!caller || !callee) return std::nullopt;
  cookie.caller = *caller;
  cookie.callee = *callee;
  if ((flags & kCallerUri) != 0) cookie.caller_uri = common::as_text(reader.bytes(reader.u8()));
  if (reader.remaining() > 0) cookie.callee_tag = reader.u32();
  if (!reader.ok() || reader.remaining() != 0) return std::nullopt;
  return cookie;
}

std::optional<DialogCookie> open_with(const Sealer& sealer, common::ByteSpan sealed, std::string_view call_id,
                                      std::string_view caller_tag) {
  if (caller_tag.empty()) return std::nullopt;
  const auto contents = sealer.open(sealed, associated(call_id, caller_tag));
  return contents ? parse(*contents) : std::nullopt;
}

}  // namespace

std::string seal_dialog_cookie(const Sealer& sealer, const DialogCookie& cookie, std::string_view call_id,
                               std::string_view caller_tag) {
  return common::base64url_encode(sealer.seal(contents_of(cookie), associated(call_id, caller_tag)));
}

std::optional<OpenedDialogCookie> open_dialog_cookie(const Sealer& sealer, std::string_view userinfo,
                                                     std::string_view call_id, std::string_view from_tag,
                                                     std::string_view to_tag) {
  if (userinfo.size() > kMaxUserinfo) return std::nullopt;
  const auto sealed = common::base64url_decode(userinfo);
  if (!sealed) return std::nullopt;
  if (auto cookie = open_with(sealer, *sealed, call_id, from_tag))
    return OpenedDialogCookie{std::move(*cookie), Direction::FromCaller};
  if (auto cookie = open_with(sealer, *sealed, call_id, to_tag))
    return OpenedDialogCookie{std::move(*cookie), Direction::FromCallee};
  return std::nullopt;
}

}  // namespace proxy::core
