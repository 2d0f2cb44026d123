#include "proxy/auth/nonce.h"

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace proxy::auth {
namespace {

constexpr std::size_t kTimeSize = 8;
constexpr std::size_t kSaltSize = 8;  // two challenges in one millisecond differ
constexpr std::size_t kHeadSize = kTimeSize + kSaltSize;
constexpr std::size_t kMacSize = 16;

void field(common::ByteWriter& writer, std::string_view text) {
  writer.u32(static_cast<std::uint32_t>(text.size())).text(text);
}

}  // namespace

common::Bytes NonceMaker::seal(common::ByteSpan head, const NonceScope& scope) const {
  common::ByteWriter writer;
  writer.text("nonce1").bytes(head);
  field(writer, scope.realm);
  field(writer, scope.method);
  field(writer, scope.call_id);
  writer.bytes(scope.source.octets());
  const auto mac = common::crypto::hmac_sha256(key_, writer.view());
  return {mac.begin(), mac.begin() + kMacSize};
}

std::string NonceMaker::make(const NonceScope& scope, common::WallTime now) {
  common::ByteWriter writer;
  writer.u64(static_cast<std::uint64_t>(now.time_since_epoch().count())).bytes(random_.bytes(kSaltSize));
  const common::Bytes mac = seal(writer.view(), scope);
  writer.bytes(mac);
  return common::base64url_encode(writer.view());
}

std::optional<common::WallTime> NonceMaker::made_at(std::string_view nonce, const NonceScope& scope) const {
  constexpr std::size_t kTextSize = ((kHeadSize + kMacSize) * 4 + 2) / 3;
  if (nonce.size() != kTextSize) return std::nullopt;
  const auto bytes = common::base64url_decode(nonce);
  if (!bytes || bytes->size() != kHeadSize + kMacSize) return std::nullopt;
  const common::ByteSpan all{*bytes};
  if (!common::crypto::constant_time_equal(seal(all.first(kHeadSize), scope), all.subspan(kHeadSize))) {
    return std::nullopt;
  }
  return common::WallTime{std::chrono::milliseconds{static_cast<std::int64_t>(common::load_be64(all.data()))}};
}

}  // namespace proxy::auth
