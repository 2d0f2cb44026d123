#include "relay/srtp/openssl_gcm.h"

#include <cstdint>
#include <cstring>
#include <new>

#include "relay/srtp/openssl_cipher.h"

namespace relay::srtp {
namespace {

constexpr int kSalt = 12;
constexpr int kLongestTag = 16;

/// libsrtp holds it through a void pointer between alloc and dealloc.
struct GcmState {
  srtp_cipher_t handle{};
  CipherContext context{EVP_CIPHER_CTX_new()};
  const EVP_CIPHER* cipher = nullptr;
  int tag_size = 0;
};

GcmState& state_of(void* state) noexcept { return *static_cast<GcmState*>(state); }
srtp_err_status_t status(bool ok) noexcept { return ok ? srtp_err_status_ok : srtp_err_status_cipher_fail; }

template <int key_size>
srtp_err_status_t gcm_alloc(srtp_cipher_pointer_t* out, int key_length, int tag_length);

srtp_err_status_t gcm_dealloc(srtp_cipher_pointer_t cipher) {
  delete static_cast<GcmState*>(cipher->state);
  return srtp_err_status_ok;
}

srtp_err_status_t gcm_init(void* opaque, const std::uint8_t* key) {
  GcmState& state = state_of(opaque);
  return status(EVP_CipherInit_ex(state.context.get(), state.cipher, nullptr, key, nullptr, 1) == 1);
}

srtp_err_status_t gcm_set_iv(void* opaque, std::uint8_t* iv, srtp_cipher_direction_t direction) {
  const int encrypts = direction == srtp_direction_encrypt ? 1 : 0;
  return status(EVP_CipherInit_ex(state_of(opaque).context.get(), nullptr, nullptr, nullptr, iv, encrypts) == 1);
}

srtp_err_status_t gcm_set_aad(void* opaque, const std::uint8_t* aad, std::uint32_t size) {
  int written = 0;
  return status(EVP_CipherUpdate(state_of(opaque).context.get(), nullptr, &written, aad, static_cast<int>(size)) == 1);
}

srtp_err_status_t gcm_encrypt(void* opaque, std::uint8_t* buffer, unsigned int* size) {
  int written = 0;
  return status(EVP_CipherUpdate(state_of(opaque).context.get(), buffer, &written, buffer, static_cast<int>(*size)) ==
                1);
}

srtp_err_status_t gcm_get_tag(void* opaque, std::uint8_t* tag, std::uint32_t* size) {
  GcmState& state = state_of(opaque);
  std::uint8_t nothing[kLongestTag];
  int written = 0;
  if (EVP_CipherFinal_ex(state.context.get(), nothing, &written) != 1) return srtp_err_status_cipher_fail;
  *size = static_cast<std::uint32_t>(state.tag_size);
  return status(EVP_CIPHER_CTX_ctrl(state.context.get(), EVP_CTRL_AEAD_GET_TAG, state.tag_size, tag) == 1);
}

srtp_err_status_t gcm_decrypt(void* opaque, std::uint8_t* buffer, unsigned int* size) {
  GcmState& state = state_of(opaque);
  const auto tag_size = static_cast<unsigned int>(state.tag_size);
  if (*size < tag_size) return srtp_err_status_bad_param;
  const unsigned int text = *size - tag_size;
  std::uint8_t nothing[kLongestTag];
  int written = 0;
  EVP_CIPHER_CTX* context = state.context.get();
  if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, state.tag_size, buffer + text) != 1 ||
      EVP_CipherUpdate(context, buffer, &written, buffer, static_cast<int>(text)) != 1) {
    return srtp_err_status_cipher_fail;
  }
  if (EVP_CipherFinal_ex(context, nothing, &written) != 1) return srtp_err_status_auth_fail;
  *size = text;
  return srtp_err_status_ok;
}

// RFC 7714 §16.1.1 and §16.2.1; libsrtp counts the salt as part of the key.
constexpr std::uint8_t kKey[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
                                 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
                                 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x51,
                                 0x75, 0x69, 0x64, 0x20, 0x70, 0x72, 0x6f, 0x20, 0x71, 0x75, 0x6f};
std::uint8_t test_iv[] = {0x51, 0x75, 0x3c, 0x65, 0x80, 0xc2, 0x72, 0x6f, 0x20, 0x71, 0x84, 0x14};  // only read
constexpr std::uint8_t kAad[] = {0x80, 0x40, 0xf1, 0x7b, 0x80, 0x41, 0xf8, 0xd3, 0x55, 0x01, 0xa0, 0xb2};
constexpr std::uint8_t kPlain[] = {0x47, 0x61, 0x6c, 0x6c, 0x69, 0x61, 0x20, 0x65, 0x73, 0x74, 0x20, 0x6f, 0x6d,
                                   0x6e, 0x69, 0x73, 0x20, 0x64, 0x69, 0x76, 0x69, 0x73, 0x61, 0x20, 0x69, 0x6e,
                                   0x20, 0x70, 0x61, 0x72, 0x74, 0x65, 0x73, 0x20, 0x74, 0x72, 0x65, 0x73};
constexpr std::uint8_t kCipher128[] = {
    0xf2, 0x4d, 0xe3, 0xa3, 0xfb, 0x34, 0xde, 0x6c, 0xac, 0xba, 0x86, 0x1c, 0x9d, 0x7e, 0x4b, 0xca, 0xbe, 0x63,
    0x3b, 0xd5, 0x0d, 0x29, 0x4e, 0x6f, 0x42, 0xa5, 0xf4, 0x7a, 0x51, 0xc7, 0xd1, 0x9b, 0x36, 0xde, 0x3a, 0xdf,
    0x88, 0x33, 0x89, 0x9d, 0x7f, 0x27, 0xbe, 0xb1, 0x6a, 0x91, 0x52, 0xcf, 0x76, 0x5e, 0xe4, 0x39, 0x0c, 0xce};
constexpr std::uint8_t kCipher256[] = {
    0x32, 0xb1, 0xde, 0x78, 0xa8, 0x22, 0xfe, 0x12, 0xef, 0x9f, 0x78, 0xfa, 0x33, 0x2e, 0x33, 0xaa, 0xb1, 0x80,
    0x12, 0x38, 0x9a, 0x58, 0xe2, 0xf3, 0xb5, 0x0b, 0x2a, 0x02, 0x76, 0xff, 0xae, 0x0f, 0x1b, 0xa6, 0x37, 0x99,
    0xb8, 0x7b, 0x7a, 0xa3, 0xdb, 0x36, 0xdf, 0xff, 0xd6, 0xb0, 0xf9, 0xbb, 0x78, 0x78, 0xd7, 0xa7, 0x6c, 0x13};

const srtp_cipher_test_case_t kTest128{16 + kSalt, kKey,        test_iv, sizeof kPlain, kPlain, sizeof kCipher128,
                                       kCipher128, sizeof kAad, kAad,    kLongestTag,   nullptr};
const srtp_cipher_test_case_t kTest256{32 + kSalt, kKey,        test_iv, sizeof kPlain, kPlain, sizeof kCipher256,
                                       kCipher256, sizeof kAad, kAad,    kLongestTag,   nullptr};

}  // namespace

const srtp_cipher_type_t kOpensslGcm128{gcm_alloc<16>, gcm_dealloc,     gcm_init,
                                        gcm_set_aad,   gcm_encrypt,     gcm_decrypt,
                                        gcm_set_iv,    gcm_get_tag,     "AES-128 GCM, OpenSSL",
                                        &kTest128,     SRTP_AES_GCM_128};
const srtp_cipher_type_t kOpensslGcm256{gcm_alloc<32>, gcm_dealloc,     gcm_init,
                                        gcm_set_aad,   gcm_encrypt,     gcm_decrypt,
                                        gcm_set_iv,    gcm_get_tag,     "AES-256 GCM, OpenSSL",
                                        &kTest256,     SRTP_AES_GCM_256};

namespace {

template <int key_size>
srtp_err_status_t gcm_alloc(srtp_cipher_pointer_t* out, int key_length, int tag_length) {
  const bool tag_known = tag_length == kLongestTag || tag_length == 8;
  if (key_length != key_size + kSalt || !tag_known) return srtp_err_status_bad_param;
  auto* state = new (std::nothrow) GcmState;
  if (state == nullptr) return srtp_err_status_alloc_fail;
  state->cipher = fetched_cipher(key_size == 16 ? "AES-128-GCM" : "AES-256-GCM");
  state->tag_size = tag_length;
  const srtp_cipher_type_t& type = key_size == 16 ? kOpensslGcm128 : kOpensslGcm256;
  state->handle = {.type = &type, .state = state, .key_len = key_length, .algorithm = static_cast<int>(type.id)};
  *out = &state->handle;
  return srtp_err_status_ok;
}

}  // namespace
}  // namespace relay::srtp
