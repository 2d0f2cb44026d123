#include "relay/srtp/openssl_icm.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

#include "common/base/byte_order.h"
#include "relay/srtp/openssl_cipher.h"

namespace relay::srtp {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kSalt = 14;
constexpr std::size_t kBlocksAtOnce = 16;    // enough for 20 ms of audio; OpenSSL interleaves eight
constexpr std::size_t kMaxBlocks = 1 << 16;  // of one packet, RFC 3711 §4.1.1

using Block = std::array<std::uint8_t, kBlock>;

/// libsrtp holds it through a void pointer between alloc and dealloc.
struct IcmState {
  srtp_cipher_t handle{};
  CipherContext context{EVP_CIPHER_CTX_new()};  // of the bare block cipher
  const EVP_CIPHER* cipher = nullptr;
  std::size_t key_size = 0;
  Block offset{};            // the salt times 2^16
  Block counter{};           // of the packet, its last 16 bits 0
  std::size_t position = 0;  // bytes of the packet's key stream that are used up
};

IcmState& state_of(void* state) noexcept { return *static_cast<IcmState*>(state); }

template <std::size_t key_size>
srtp_err_status_t icm_alloc(srtp_cipher_pointer_t* out, int key_length, int /*tag_length*/);

srtp_err_status_t icm_dealloc(srtp_cipher_pointer_t cipher) {
  delete static_cast<IcmState*>(cipher->state);
  return srtp_err_status_ok;
}

srtp_err_status_t icm_init(void* opaque, const std::uint8_t* key) {
  IcmState& state = state_of(opaque);
  std::memcpy(state.offset.data(), key + state.key_size, kSalt);
  state.offset[kSalt] = state.offset[kSalt + 1] = 0;
  const bool ok = EVP_EncryptInit_ex(state.context.get(), state.cipher, nullptr, key, nullptr) == 1 &&
                  EVP_CIPHER_CTX_set_padding(state.context.get(), 0) == 1;
  return ok ? srtp_err_status_ok : srtp_err_status_init_fail;
}

srtp_err_status_t icm_set_iv(void* opaque, std::uint8_t* iv, srtp_cipher_direction_t /*both are the same*/) {
  IcmState& state = state_of(opaque);
  for (std::size_t i = 0; i < kBlock; ++i) state.counter[i] = state.offset[i] ^ iv[i];
  state.position = 0;
  return srtp_err_status_ok;
}

/// `blocks` blocks of key stream from the `first` one of the packet on. The counter blocks are encrypted all at once:
/// setting an IV, as OpenSSL's own counter mode wants it for each packet, costs more than the encryption.
bool make_key_stream(IcmState& state, std::size_t first, std::span<Block> blocks) noexcept {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i] = state.counter;
    const auto low = common::load_be16(&state.counter[kSalt]);
    common::store_be16(&blocks[i][kSalt], static_cast<std::uint16_t>(low + first + i));
  }
  std::uint8_t* bytes = blocks.front().data();
  int written = 0;
  const int size = static_cast<int>(blocks.size_bytes());
  return EVP_EncryptUpdate(state.context.get(), bytes, &written, bytes, size) == 1 && written == size;
}

srtp_err_status_t icm_run(void* opaque, std::uint8_t* buffer, unsigned int* size) {
  IcmState& state = state_of(opaque);
  if (state.position + *size > kMaxBlocks * kBlock) return srtp_err_status_terminus;
  alignas(64) std::array<Block, kBlocksAtOnce> stream;
  for (std::size_t done = 0; done < *size;) {
    const std::size_t skip = state.position % kBlock;
    const std::size_t wanted = (skip + *size - done + kBlock - 1) / kBlock;
    const auto blocks = std::span(stream).first(std::min(wanted, kBlocksAtOnce));
    if (!make_key_stream(state, state.position / kBlock, blocks)) return srtp_err_status_cipher_fail;
    const std::size_t count = std::min(blocks.size_bytes() - skip, *size - done);
    const std::uint8_t* key = stream.front().data() + skip;
    for (std::size_t i = 0; i < count; ++i) buffer[done + i] ^= key[i];
    done += count;
    state.position += count;
  }
  return srtp_err_status_ok;
}

// RFC 3711 B.2.
constexpr std::uint8_t kKey128[] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
                                    0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c, 0xf0, 0xf1, 0xf2, 0xf3,
                                    0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd};
constexpr std::uint8_t kStream128[] = {0xe0, 0x3e, 0xad, 0x09, 0x35, 0xc9, 0x5e, 0x80, 0xe1, 0x66, 0xb1,
                                       0x6d, 0xd9, 0x2b, 0x4e, 0xb4, 0xd2, 0x35, 0x13, 0x16, 0x2b, 0x02,
                                       0xd0, 0xf7, 0x2a, 0x43, 0xa2, 0xfe, 0x4a, 0x5f, 0x97, 0xab};
// RFC 6188 §7.2.
constexpr std::uint8_t kKey256[] = {0x57, 0xf8, 0x2f, 0xe3, 0x61, 0x3f, 0xd1, 0x70, 0xa8, 0x5e, 0xc9, 0x3c,
                                    0x40, 0xb1, 0xf0, 0x92, 0x2e, 0xc4, 0xcb, 0x0d, 0xc0, 0x25, 0xb5, 0x82,
                                    0x72, 0x14, 0x7c, 0xc4, 0x38, 0x94, 0x4a, 0x98, 0xf0, 0xf1, 0xf2, 0xf3,
                                    0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd};
constexpr std::uint8_t kStream256[] = {0x92, 0xbd, 0xd2, 0x8a, 0x93, 0xc3, 0xf5, 0x25, 0x11, 0xc6, 0x77,
                                       0xd0, 0x8b, 0x55, 0x15, 0xa4, 0x9d, 0xa7, 0x1b, 0x23, 0x78, 0xa8,
                                       0x54, 0xf6, 0x70, 0x50, 0x75, 0x6d, 0xed, 0x16, 0x5b, 0xac};
constexpr std::uint8_t kZeros[32] = {};
std::uint8_t zero_index[kBlock] = {};  // libsrtp takes it as non-const and leaves it alone

const srtp_cipher_test_case_t kTest128{
    sizeof kKey128, kKey128, zero_index, sizeof kZeros, kZeros, sizeof kStream128, kStream128, 0, nullptr, 0, nullptr};
const srtp_cipher_test_case_t kTest256{
    sizeof kKey256, kKey256, zero_index, sizeof kZeros, kZeros, sizeof kStream256, kStream256, 0, nullptr, 0, nullptr};

}  // namespace

const srtp_cipher_type_t kOpensslIcm128{icm_alloc<16>, icm_dealloc,     icm_init,
                                        nullptr,       icm_run,         icm_run,
                                        icm_set_iv,    nullptr,         "AES-128 counter mode, OpenSSL",
                                        &kTest128,     SRTP_AES_ICM_128};
const srtp_cipher_type_t kOpensslIcm256{icm_alloc<32>, icm_dealloc,     icm_init,
                                        nullptr,       icm_run,         icm_run,
                                        icm_set_iv,    nullptr,         "AES-256 counter mode, OpenSSL",
                                        &kTest256,     SRTP_AES_ICM_256};

namespace {

template <std::size_t key_size>
srtp_err_status_t icm_alloc(srtp_cipher_pointer_t* out, int key_length, int /*tag_length*/) {
  if (key_length != static_cast<int>(key_size + kSalt)) return srtp_err_status_bad_param;
  auto* state = new (std::nothrow) IcmState;
  if (state == nullptr) return srtp_err_status_alloc_fail;
  state->cipher = fetched_cipher(key_size == 16 ? "AES-128-ECB" : "AES-256-ECB");
  state->key_size = key_size;
  const srtp_cipher_type_t& type = key_size == 16 ? kOpensslIcm128 : kOpensslIcm256;
  state->handle = {.type = &type, .state = state, .key_len = key_length, .algorithm = static_cast<int>(type.id)};
  *out = &state->handle;
  return srtp_err_status_ok;
}

}  // namespace
}  // namespace relay::srtp
