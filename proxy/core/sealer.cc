#include "proxy/core/sealer.h"

#include <openssl/evp.h>

#include <memory>

#include "common/base/invariant.h"
#include "common/crypto/digest.h"

namespace proxy::core {

namespace {

constexpr std::size_t kTag = 16;
constexpr std::size_t kHead = Sealer::kOverhead - kTag;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const EVP_CIPHER* cipher_for(std::size_t key_size) {
  static const std::unique_ptr<EVP_CIPHER, FreeCipher> siv128{EVP_CIPHER_fetch(nullptr, "AES-128-SIV", nullptr)};
  static const std::unique_ptr<EVP_CIPHER, FreeCipher> siv256{EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr)};
  const EVP_CIPHER* cipher = key_size == 64 ? siv256.get() : siv128.get();
  INVARIANT(cipher != nullptr, "the cryptographic library offers AES-SIV");
  return cipher;
}

/// A context is used for one message only: SIV keeps state between updates.
Context start(const common::Bytes& key, bool encrypt) {
  Context context{EVP_CIPHER_CTX_new()};
  const int ok =
      EVP_CipherInit_ex(context.get(), cipher_for(key.size()), nullptr, key.data(), nullptr, encrypt ? 1 : 0);
  INVARIANT(ok == 1, "a sealing key has 32 or 64 bytes");
  return context;
}

bool update(EVP_CIPHER_CTX* context, std::uint8_t* out, common::ByteSpan in) {
  int written = 0;
  return EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1;
}

bool finish(EVP_CIPHER_CTX* context, std::uint8_t* out) {
  int written = 0;
  return EVP_CipherFinal_ex(context, out, &written) == 1;
}

std::uint8_t head_of(std::uint8_t key_id) { return static_cast<std::uint8_t>(Sealer::kVersion << 4 | key_id); }

std::optional<common::Bytes> open_with(const Sealer::Key& key, common::ByteSpan sealed, std::string_view associated) {
  const Context context = start(key.bytes, false);
  common::Bytes tag(sealed.begin() + kHead, sealed.begin() + Sealer::kOverhead);
  common::Bytes contents(sealed.size() - Sealer::kOverhead);
  const bool ok = EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1 &&
                  update(context.get(), nullptr, sealed.first(kHead)) &&
                  update(context.get(), nullptr, common::as_bytes(associated)) &&
                  update(context.get(), contents.data(), sealed.subspan(Sealer::kOverhead));
  if (!ok) return std::nullopt;
  return contents;
}

}  // namespace

Sealer::Key Sealer::derive(common::ByteSpan secret) {
  const auto id = common::crypto::derive_key(secret, "causeway sealing key id");
  return {static_cast<std::uint8_t>(id[0] & 0x0f), common::crypto::derive_key(secret, "causeway sealing key")};
}

common::Bytes Sealer::seal(common::ByteSpan contents, std::string_view associated) const {
  INVARIANT(!contents.empty() && !associated.empty(), "something is sealed for somebody");
  const Context context = start(current_.bytes, true);
  common::Bytes sealed(kOverhead + contents.size());
  sealed[0] = head_of(current_.id);
  const bool ok = update(context.get(), nullptr, common::ByteSpan{sealed}.first(kHead)) &&
                  update(context.get(), nullptr, common::as_bytes(associated)) &&
                  update(context.get(), sealed.data() + kOverhead, contents) &&
                  finish(context.get(), sealed.data() + sealed.size()) &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag, sealed.data() + kHead) == 1;
  INVARIANT(ok, "sealing needs no more than memory");
  return sealed;
}

std::optional<common::Bytes> Sealer::open(common::ByteSpan sealed, std::string_view associated) const {
  if (sealed.size() <= kOverhead || sealed[0] >> 4 != kVersion || associated.empty()) return std::nullopt;
  const std::uint8_t id = sealed[0] & 0x0f;
  std::optional<common::Bytes> contents;
  if (current_.id == id) contents = open_with(current_, sealed, associated);
  if (!contents && other_ && other_->id == id) contents = open_with(*other_, sealed, associated);
  return contents;
}

}  // namespace proxy::core
