#include "proxy/core/sealed_media.h"

namespace proxy::core {
namespace {

constexpr std::uint8_t kRelayed = 1;
constexpr std::uint8_t kRequireEncryption = 2;

}  // namespace

void write_media(common::ByteWriter& writer, const SealedMedia& media) {
  writer.u8(
      static_cast<std::uint8_t>((media.relayed ? kRelayed : 0) | (media.require_encryption ? kRequireEncryption : 0)));
  writer.u16(media.route).u8(media.relay).u16(media.relay_boot);
}

std::optional<SealedMedia> read_media(common::ByteReader& reader) {
  const std::uint8_t policy = reader.u8();
  if ((policy & ~(kRelayed | kRequireEncryption)) != 0) return std::nullopt;
  SealedMedia media;
  media.relayed = (policy & kRelayed) != 0;
  media.require_encryption = (policy & kRequireEncryption) != 0;
  media.route = reader.u16();
  media.relay = reader.u8();
  media.relay_boot = reader.u16();
  return media;
}

routing::MediaPolicy policy_of(const SealedMedia& media, const routing::Router& router) {
  routing::MediaPolicy policy = router.media_of(media.route).value_or(routing::MediaPolicy{});
  policy.relay = media.relayed;
  policy.require_encryption = media.require_encryption;
  policy.route = media.route;
  return policy;
}

bool relay_remembers(const SealedMedia& media, const media::RelayControl& relays) {
  const std::uint16_t boot = relays.boot(media.relay);
  return media.relay_boot == 0 || boot == 0 || boot == media.relay_boot;
}

}  // namespace proxy::core
