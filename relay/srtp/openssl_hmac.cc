// The low-level SHA-1 interface is deprecated in OpenSSL 3.0, and the only one whose state may be copied without an
// allocation; see decisions/0001-openssl-behind-libsrtp.md.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "relay/srtp/openssl_hmac.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstdint>
#include <cstring>
#include <new>

namespace relay::srtp {
namespace {

/// libsrtp holds it through a void pointer between alloc and dealloc.
struct HmacState {
  srtp_auth_t handle{};
  SHA_CTX inner{};    // after the key xor ipad
  SHA_CTX outer{};    // after the key xor opad
  SHA_CTX running{};  // `inner` and the message so far

  ~HmacState() { OPENSSL_cleanse(&inner, sizeof inner + sizeof outer + sizeof running); }
};

HmacState& state_of(void* state) noexcept { return *static_cast<HmacState*>(state); }

srtp_err_status_t hmac_alloc(srtp_auth_pointer_t* out, int key_length, int tag_length);

srtp_err_status_t hmac_dealloc(srtp_auth_pointer_t auth) {
  delete static_cast<HmacState*>(auth->state);
  return srtp_err_status_ok;
}

void start_with(SHA_CTX& context, const std::uint8_t* key, int key_length, std::uint8_t pad) noexcept {
  std::uint8_t block[SHA_CBLOCK];
  std::memset(block, pad, sizeof block);
  for (int i = 0; i < key_length; ++i) block[i] ^= key[i];
  SHA1_Init(&context);
  SHA1_Update(&context, block, sizeof block);
  OPENSSL_cleanse(block, sizeof block);
}

srtp_err_status_t hmac_start(void* opaque) {
  state_of(opaque).running = state_of(opaque).inner;
  return srtp_err_status_ok;
}

srtp_err_status_t hmac_init(void* opaque, const std::uint8_t* key, int key_length) {
  if (key_length < 0 || key_length > SHA_CBLOCK) return srtp_err_status_bad_param;
  start_with(state_of(opaque).inner, key, key_length, 0x36);
  start_with(state_of(opaque).outer, key, key_length, 0x5c);
  return hmac_start(opaque);
}

srtp_err_status_t hmac_update(void* opaque, const std::uint8_t* data, int size) {
  SHA1_Update(&state_of(opaque).running, data, static_cast<std::size_t>(size));
  return srtp_err_status_ok;
}

srtp_err_status_t hmac_compute(void* opaque, const std::uint8_t* data, int size, int tag_length, std::uint8_t* tag) {
  if (tag_length < 0 || tag_length > SHA_DIGEST_LENGTH) return srtp_err_status_bad_param;
  HmacState& state = state_of(opaque);
  std::uint8_t digest[SHA_DIGEST_LENGTH];
  SHA1_Update(&state.running, data, static_cast<std::size_t>(size));
  SHA1_Final(digest, &state.running);
  SHA_CTX outer = state.outer;
  SHA1_Update(&outer, digest, sizeof digest);
  SHA1_Final(digest, &outer);
  std::memcpy(tag, digest, static_cast<std::size_t>(tag_length));
  return srtp_err_status_ok;
}

// RFC 2202 §3, cases 1 and 2.
constexpr std::uint8_t kKey1[] = {0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                                  0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b};
constexpr std::uint8_t kData1[] = {'H', 'i', ' ', 'T', 'h', 'e', 'r', 'e'};
constexpr std::uint8_t kTag1[] = {0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b,
                                  0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00};
constexpr std::uint8_t kKey2[] = {'J', 'e', 'f', 'e'};
constexpr std::uint8_t kData2[] = {'w', 'h', 'a', 't', ' ', 'd', 'o', ' ', 'y', 'a', ' ', 'w', 'a', 'n',
                                   't', ' ', 'f', 'o', 'r', ' ', 'n', 'o', 't', 'h', 'i', 'n', 'g', '?'};
constexpr std::uint8_t kTag2[] = {0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f, 0xa2, 0xd2, 0x74,
                                  0x16, 0xd5, 0xf1, 0x84, 0xdf, 0x9c, 0x25, 0x9a, 0x7c, 0x79};

const srtp_auth_test_case_t kTest2{sizeof kKey2, kKey2, sizeof kData2, kData2, sizeof kTag2, kTag2, nullptr};
const srtp_auth_test_case_t kTest1{sizeof kKey1, kKey1, sizeof kData1, kData1, sizeof kTag1, kTag1, &kTest2};

}  // namespace

const srtp_auth_type_t kOpensslHmacSha1{hmac_alloc, hmac_dealloc,         hmac_init, hmac_compute,  hmac_update,
                                        hmac_start, "HMAC-SHA1, OpenSSL", &kTest1,   SRTP_HMAC_SHA1};

namespace {

srtp_err_status_t hmac_alloc(srtp_auth_pointer_t* out, int key_length, int tag_length) {
  if (key_length > SHA_CBLOCK || tag_length > SHA_DIGEST_LENGTH) return srtp_err_status_bad_param;
  auto* state = new (std::nothrow) HmacState;
  if (state == nullptr) return srtp_err_status_alloc_fail;
  state->handle = {
      .type = &kOpensslHmacSha1, .state = state, .out_len = tag_length, .key_len = key_length, .prefix_len = 0};
  *out = &state->handle;
  return srtp_err_status_ok;
}

}  // namespace
}  // namespace relay::srtp
