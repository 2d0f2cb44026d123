// The low-level SHA-1 interface is deprecated in OpenSSL 3.0, and the only one whose state may be kept and copied
// without an allocation; see decisions/0001-openssl-behind-libsrtp.md.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "relay/srtp/openssl_hmac.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>

#include "common/base/byte_order.h"

namespace relay::srtp {
namespace {

/// A SHA-1 state between two blocks.
using MidState = std::array<SHA_LONG, 5>;

/// libsrtp holds it through a void pointer between alloc and dealloc. Kept small: a shard with thousands of streams
/// finds none of it in its caches.
struct HmacState {
  srtp_auth_t handle{};
  MidState inner{};  // after the key xor ipad
  MidState outer{};  // after the key xor opad

  ~HmacState() { OPENSSL_cleanse(&inner, sizeof inner + sizeof outer); }
};

/// The message so far. libsrtp starts, updates and computes without anything in between, so one per thread does.
thread_local SHA_CTX running;

HmacState& state_of(void* state) noexcept { return *static_cast<HmacState*>(state); }

srtp_err_status_t hmac_alloc(srtp_auth_pointer_t* out, int key_length, int tag_length);

srtp_err_status_t hmac_dealloc(srtp_auth_pointer_t auth) {
  delete static_cast<HmacState*>(auth->state);
  return srtp_err_status_ok;
}

MidState state_after(const SHA_CTX& context) noexcept {
  return {context.h0, context.h1, context.h2, context.h3, context.h4};
}

/// As if one block had been hashed, after which the state was `middle`.
void resume(SHA_CTX& context, const MidState& middle) noexcept {
  context.h0 = middle[0];
  context.h1 = middle[1];
  context.h2 = middle[2];
  context.h3 = middle[3];
  context.h4 = middle[4];
  context.Nl = SHA_CBLOCK * 8;
  context.Nh = 0;
  context.num = 0;
}

MidState state_of_key(const std::uint8_t* key, int key_length, std::uint8_t pad) noexcept {
  std::uint8_t block[SHA_CBLOCK];
  std::memset(block, pad, sizeof block);
  for (int i = 0; i < key_length; ++i) block[i] ^= key[i];
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Transform(&context, block);
  const MidState middle = state_after(context);
  OPENSSL_cleanse(block, sizeof block);
  OPENSSL_cleanse(&context, sizeof context);
  return middle;
}

srtp_err_status_t hmac_start(void* opaque) {
  resume(running, state_of(opaque).inner);
  return srtp_err_status_ok;
}

srtp_err_status_t hmac_init(void* opaque, const std::uint8_t* key, int key_length) {
  if (key_length < 0 || key_length > SHA_CBLOCK) return srtp_err_status_bad_param;
  state_of(opaque).inner = state_of_key(key, key_length, 0x36);
  state_of(opaque).outer = state_of_key(key, key_length, 0x5c);
  return hmac_start(opaque);
}

srtp_err_status_t hmac_update(void* /*opaque*/, const std::uint8_t* data, int size) {
  SHA1_Update(&running, data, static_cast<std::size_t>(size));
  return srtp_err_status_ok;
}

/// The outer hash is one block: the inner digest, a bit, zeros, and the length of key block and digest in bits.
void hash_outer(const MidState& outer, const std::uint8_t* inner_digest, std::uint8_t* digest) noexcept {
  std::uint8_t block[SHA_CBLOCK] = {};
  std::memcpy(block, inner_digest, SHA_DIGEST_LENGTH);
  block[SHA_DIGEST_LENGTH] = 0x80;
  common::store_be16(std::end(block) - 2, (SHA_CBLOCK + SHA_DIGEST_LENGTH) * 8);
  SHA_CTX context;
  resume(context, outer);
  SHA1_Transform(&context, block);
  const MidState words = state_after(context);
  for (std::size_t i = 0; i < words.size(); ++i) common::store_be32(digest + 4 * i, words[i]);
}

srtp_err_status_t hmac_compute(void* opaque, const std::uint8_t* data, int size, int tag_length, std::uint8_t* tag) {
  if (tag_length < 0 || tag_length > SHA_DIGEST_LENGTH) return srtp_err_status_bad_param;
  std::uint8_t digest[SHA_DIGEST_LENGTH];
  SHA1_Update(&running, data, static_cast<std::size_t>(size));
  SHA1_Final(digest, &running);
  hash_outer(state_of(opaque).outer, digest, digest);
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
