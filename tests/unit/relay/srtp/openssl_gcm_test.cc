#include "relay/srtp/openssl_gcm.h"

#include "relay/srtp/srtp_library.h"
#include "tests/unit/relay/srtp/kernel_cipher.h"

namespace relay::srtp {
namespace {

using common::Bytes;

const std::string kKey16 = "000102030405060708090a0b0c0d0e0f";
const std::string kKey32 = kKey16 + "101112131415161718191a1b1c1d1e1f";
const std::string kSalt = "517569642070726f2071756f";
const std::string kGallia = "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
const std::string kRtcpPlain =
    "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

/// A packet of RFC 7714: what is authenticated alone comes in one piece for SRTP, in two for SRTCP.
struct Vector {
  const srtp_cipher_type_t* type;
  std::string key, iv, aad, more_aad, plain, sealed;
};

const Vector kVectors[] = {
    {&kOpensslGcm128, kKey16, "51753c6580c2726f20718414", "8040f17b8041f8d35501a0b2", "", kGallia,
     "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
     "899d7f27beb16a9152cf765ee4390cce"},
    {&kOpensslGcm256, kKey32, "51753c6580c2726f20718414", "8040f17b8041f8d35501a0b2", "", kGallia,
     "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"},
    {&kOpensslGcm128, kKey16, "517524055203726f207170bb", "81c8000d4d617273", "800005d4", kRtcpPlain,
     "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
     "c84aa45896cf4d2fc5abf87245d9eade"},
    {&kOpensslGcm256, kKey32, "517524055203726f207170bb", "81c8000d4d617273", "800005d4", kRtcpPlain,
     "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
     "1d1eb30c4446839f57ff6f6cb26ac3be"},
};
const Vector& kFirst = kVectors[0];

void begin(const Cipher& cipher, const Vector& vector, srtp_cipher_direction_t direction) {
  cipher.set_iv(hex(vector.iv), direction);
  for (const std::string& text : {vector.aad, vector.more_aad}) {
    const Bytes aad = hex(text);
    if (aad.empty()) continue;
    REQUIRE(srtp_cipher_set_aad(cipher.handle, aad.data(), static_cast<std::uint32_t>(aad.size())) ==
            srtp_err_status_ok);
  }
}

/// Text and tag.
std::string seal(const Cipher& cipher, const Vector& vector) {
  begin(cipher, vector, srtp_direction_encrypt);
  Bytes buffer = hex(vector.plain);
  REQUIRE(cipher.encrypt(buffer) == srtp_err_status_ok);
  Bytes tag(16);
  std::uint32_t tag_size = 16;
  REQUIRE(srtp_cipher_get_tag(cipher.handle, tag.data(), &tag_size) == srtp_err_status_ok);
  return common::hex_encode(buffer) + common::hex_encode(tag).substr(0, 2 * tag_size);
}

struct Opened {
  srtp_err_status_t status;
  std::string text;
};
Opened open(const Cipher& cipher, const Vector& vector, Bytes sealed) {
  begin(cipher, vector, srtp_direction_decrypt);
  auto size = static_cast<std::uint32_t>(sealed.size());
  const auto status = srtp_cipher_decrypt(cipher.handle, sealed.data(), &size);
  return {status, common::hex_encode({sealed.data(), size})};
}

}  // namespace

TEST_CASE("AES-GCM seals and opens the packets of RFC 7714", "[srtp][rfc7714]") {
  start_srtp_library();
  for (const Vector& vector : kVectors) {
    const Cipher cipher(*vector.type, hex(vector.key + kSalt), 16);
    CHECK(cipher.handle->type == vector.type);
    CHECK(seal(cipher, vector) == vector.sealed);
    const Opened opened = open(cipher, vector, hex(vector.sealed));
    CHECK(opened.status == srtp_err_status_ok);
    CHECK(opened.text == vector.plain);
  }
}

TEST_CASE("a changed bit of text, tag or header is a forgery, and the next packet opens all the same", "[srtp]") {
  start_srtp_library();
  const Cipher cipher(kOpensslGcm128, hex(kKey16 + kSalt), 16);
  const Bytes good = hex(kFirst.sealed);
  for (const std::size_t changed : {std::size_t{3}, good.size() - 16, good.size() - 1}) {
    CAPTURE(changed);
    Bytes forged = good;
    forged[changed] ^= 1;
    CHECK(open(cipher, kFirst, forged).status == srtp_err_status_auth_fail);
  }
  Vector other_header = kFirst;
  other_header.aad[5] = '0';
  CHECK(open(cipher, other_header, good).status == srtp_err_status_auth_fail);
  Vector other_index = kFirst;
  other_index.iv.back() = '5';
  CHECK(open(cipher, other_index, good).status == srtp_err_status_auth_fail);
  CHECK(open(cipher, kFirst, good).status == srtp_err_status_ok);
}

TEST_CASE("nothing shorter than a tag can be opened, and a packet without text can", "[srtp]") {
  start_srtp_library();
  const Cipher cipher(kOpensslGcm128, hex(kKey16 + kSalt), 16);
  CHECK(open(cipher, kFirst, Bytes(15)).status == srtp_err_status_bad_param);
  Vector empty = kFirst;
  empty.plain.clear();
  const std::string tag = seal(cipher, empty);
  CHECK(tag.size() == 32);
  const Opened opened = open(cipher, empty, hex(tag));
  CHECK(opened.status == srtp_err_status_ok);
  CHECK(opened.text.empty());
}

TEST_CASE("a tag of eight bytes is the beginning of the whole one", "[srtp]") {
  start_srtp_library();
  const Cipher cipher(kOpensslGcm128, hex(kKey16 + kSalt), 8);
  const std::string shorter = kFirst.sealed.substr(0, kFirst.sealed.size() - 16);
  CHECK(seal(cipher, kFirst) == shorter);
  CHECK(open(cipher, kFirst, hex(shorter)).text == kFirst.plain);
}

TEST_CASE("keys and tags of other lengths than the suites have are refused", "[srtp]") {
  start_srtp_library();
  CHECK(allocation_of(kOpensslGcm128, 28, 16) == srtp_err_status_ok);
  CHECK(allocation_of(kOpensslGcm128, 16, 16) == srtp_err_status_bad_param);
  CHECK(allocation_of(kOpensslGcm128, 44, 16) == srtp_err_status_bad_param);
  CHECK(allocation_of(kOpensslGcm128, 28, 12) == srtp_err_status_bad_param);
  CHECK(allocation_of(kOpensslGcm256, 44, 16) == srtp_err_status_ok);
  CHECK(allocation_of(kOpensslGcm256, 28, 16) == srtp_err_status_bad_param);
}

TEST_CASE("the vectors that libsrtp's kernel tests GCM with pass", "[srtp]") {
  start_srtp_library();
  CHECK(srtp_cipher_type_self_test(&kOpensslGcm128) == srtp_err_status_ok);
  CHECK(srtp_cipher_type_self_test(&kOpensslGcm256) == srtp_err_status_ok);
}

}  // namespace relay::srtp
