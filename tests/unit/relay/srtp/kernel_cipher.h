#pragma once

#include <srtp2/cipher.h>

#include <catch2/catch.hpp>

#include "common/base/bytes.h"
#include "common/base/encoding.h"

/// The replacement ciphers as libsrtp's kernel calls them.
namespace relay::srtp {

inline common::Bytes hex(std::string_view text) { return *common::hex_decode(text); }

struct Cipher {
  Cipher(const srtp_cipher_type_t& type, const common::Bytes& key, int tag_size = 0) {
    REQUIRE(srtp_cipher_type_alloc(&type, &handle, static_cast<int>(key.size()), tag_size) == srtp_err_status_ok);
    REQUIRE(srtp_cipher_init(handle, key.data()) == srtp_err_status_ok);
  }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;
  ~Cipher() { srtp_cipher_dealloc(handle); }

  void set_iv(common::Bytes iv, srtp_cipher_direction_t direction = srtp_direction_encrypt) const {
    REQUIRE(srtp_cipher_set_iv(handle, iv.data(), direction) == srtp_err_status_ok);
  }
  /// Encrypts in place.
  srtp_err_status_t encrypt(common::MutableByteSpan buffer) const {
    auto size = static_cast<std::uint32_t>(buffer.size());
    return srtp_cipher_encrypt(handle, buffer.data(), &size);
  }

  srtp_cipher_t* handle = nullptr;
};

/// What the kernel answers when it is to make a cipher with a key and tag of these lengths.
inline srtp_err_status_t allocation_of(const srtp_cipher_type_t& type, int key_size, int tag_size) {
  srtp_cipher_t* handle = nullptr;
  const srtp_err_status_t status = srtp_cipher_type_alloc(&type, &handle, key_size, tag_size);
  if (handle != nullptr) srtp_cipher_dealloc(handle);
  return status;
}

}  // namespace relay::srtp
