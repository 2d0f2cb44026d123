#include "relay/srtp/openssl_icm.h"

#include "relay/srtp/srtp_library.h"
#include "tests/unit/relay/srtp/kernel_cipher.h"

namespace relay::srtp {
namespace {

using common::Bytes;

/// Session key and salt of RFC 3711 B.2, which RFC 6188 §7 takes over.
const std::string kSalt = "f0f1f2f3f4f5f6f7f8f9fafbfcfd";
const Bytes kKey128 = hex("2b7e151628aed2a6abf7158809cf4f3c" + kSalt);
const Bytes kKey256 = hex("57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98" + kSalt);

/// The first `size` bytes of key stream under an index.
Bytes key_stream(const Cipher& cipher, const Bytes& iv, std::size_t size) {
  cipher.set_iv(iv);
  Bytes stream(size);
  REQUIRE(cipher.encrypt(stream) == srtp_err_status_ok);
  return stream;
}

std::string at_block(const Bytes& stream, std::size_t block, std::size_t blocks) {
  return common::hex_encode(common::ByteSpan(stream).subspan(block * 16, blocks * 16));
}

/// RFC 3711 §4.3.1: the label stands above the index of 48 bits, which is 0 here.
Bytes derivation_iv(std::uint8_t label) {
  Bytes iv(16);
  iv[7] = label;
  return iv;
}

}  // namespace

TEST_CASE("AES counter mode gives the key stream of RFC 3711 B.2 from one end of the counter to the other",
          "[srtp][rfc3711]") {
  start_srtp_library();
  const Cipher cipher(kOpensslIcm128, kKey128);
  const Bytes stream = key_stream(cipher, Bytes(16), 0xff02 * 16);
  CHECK(at_block(stream, 0, 3) ==
        "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0");
  CHECK(at_block(stream, 0xfeff, 3) ==
        "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44");
}

TEST_CASE("AES-256 counter mode gives the key stream of RFC 6188 §7.2", "[srtp][rfc6188]") {
  start_srtp_library();
  const Cipher cipher(kOpensslIcm256, kKey256);
  CHECK(cipher.handle->type == &kOpensslIcm256);
  const Bytes stream = key_stream(cipher, Bytes(16), 0xff02 * 16);
  CHECK(at_block(stream, 0, 3) ==
        "92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac63c4868b7096d88421b563b8c94c9a31");
  CHECK(at_block(stream, 0xfeff, 3) ==
        "cea518c90fd91ced9cbb18c078a54711"
        "3dbc4814f4da5f00a08772b63c6a046d"
        "6eb246913062a16891433e97dd01a57f");
}

TEST_CASE("AES counter mode derives the session keys of RFC 3711 B.3 and RFC 6188 §7.4", "[srtp][rfc3711][rfc6188]") {
  start_srtp_library();
  const Cipher master(kOpensslIcm128, hex("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6"));
  CHECK(common::hex_encode(key_stream(master, derivation_iv(0), 16)) == "c61e7a93744f39ee10734afe3ff7a087");
  CHECK(common::hex_encode(key_stream(master, derivation_iv(2), 14)) == "30cbbc08863d8c85d49db34a9ae1");
  CHECK(common::hex_encode(key_stream(master, derivation_iv(1), 20)) == "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
  const Cipher master256(kOpensslIcm256, hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6"
                                             "3b04803de51ee7c96423ab5b78d2"));
  CHECK(common::hex_encode(key_stream(master256, derivation_iv(0), 32)) ==
        "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4");
  CHECK(common::hex_encode(key_stream(master256, derivation_iv(2), 14)) == "fa31791685ca444a9e07c6c64e93");
}

TEST_CASE("pieces of any length go on where the key stream of the packet stopped", "[srtp]") {
  start_srtp_library();
  const Cipher cipher(kOpensslIcm128, kKey128);
  const Bytes whole = key_stream(cipher, Bytes(16), 1000);
  cipher.set_iv(Bytes(16));
  Bytes pieces(1000);
  std::size_t at = 0;
  for (const std::size_t size : {0, 1, 14, 1, 16, 17, 300, 15, 256, 380}) {
    CAPTURE(at, size);
    REQUIRE(cipher.encrypt(common::MutableByteSpan(pieces).subspan(at, size)) == srtp_err_status_ok);
    at += size;
  }
  REQUIRE(at == 1000);
  CHECK(pieces == whole);
}

TEST_CASE("an index starts the key stream of its packet from the front, and decryption is encryption", "[srtp]") {
  start_srtp_library();
  const Cipher cipher(kOpensslIcm128, kKey128);
  Bytes iv(16);
  iv[13] = 1;
  const Bytes other = key_stream(cipher, iv, 40);
  const Bytes first = key_stream(cipher, Bytes(16), 40);
  CHECK(other != first);
  CHECK(key_stream(cipher, iv, 40) == other);
  Bytes text = first;
  auto size = static_cast<std::uint32_t>(text.size());
  cipher.set_iv(Bytes(16), srtp_direction_decrypt);
  REQUIRE(srtp_cipher_decrypt(cipher.handle, text.data(), &size) == srtp_err_status_ok);
  CHECK(text == Bytes(40));
}

TEST_CASE("one packet has no more key stream than 2^16 blocks", "[srtp][rfc3711]") {
  start_srtp_library();
  const Cipher cipher(kOpensslIcm128, kKey128);
  cipher.set_iv(Bytes(16));
  Bytes most((1 << 16) * 16 - 1);
  REQUIRE(cipher.encrypt(most) == srtp_err_status_ok);
  Bytes more(2);
  CHECK(cipher.encrypt(more) == srtp_err_status_terminus);
  CHECK(cipher.encrypt(common::MutableByteSpan(more).first(1)) == srtp_err_status_ok);
  CHECK(cipher.encrypt(common::MutableByteSpan(more).first(1)) == srtp_err_status_terminus);
}

TEST_CASE("a key of another length than AES key and salt together is refused", "[srtp]") {
  start_srtp_library();
  CHECK(allocation_of(kOpensslIcm128, 30, 0) == srtp_err_status_ok);
  CHECK(allocation_of(kOpensslIcm128, 16, 0) == srtp_err_status_bad_param);
  CHECK(allocation_of(kOpensslIcm128, 46, 0) == srtp_err_status_bad_param);
  CHECK(allocation_of(kOpensslIcm256, 46, 0) == srtp_err_status_ok);
  CHECK(allocation_of(kOpensslIcm256, 30, 0) == srtp_err_status_bad_param);
}

TEST_CASE("the vectors that libsrtp's kernel tests counter mode with pass", "[srtp]") {
  start_srtp_library();
  CHECK(srtp_cipher_type_self_test(&kOpensslIcm128) == srtp_err_status_ok);
  CHECK(srtp_cipher_type_self_test(&kOpensslIcm256) == srtp_err_status_ok);
}

}  // namespace relay::srtp
