// The replacement ciphers under the vectors of their RFCs, through libsrtp's own kernel calls.
#include <catch2/catch.hpp>

#include "common/base/bytes.h"
#include "common/base/encoding.h"
#include "relay/srtp/openssl_gcm.h"
#include "relay/srtp/openssl_hmac.h"
#include "relay/srtp/openssl_icm.h"
#include "relay/srtp/srtp_library.h"

using namespace relay::srtp;
using common::Bytes;

namespace {

Bytes hex(std::string_view text) { return *common::hex_decode(text); }

struct Cipher {
  Cipher(const srtp_cipher_type_t& type, const Bytes& key, int tag_size) {
    REQUIRE(srtp_cipher_type_alloc(&type, &handle, static_cast<int>(key.size()), tag_size) == srtp_err_status_ok);
    REQUIRE(srtp_cipher_init(handle, key.data()) == srtp_err_status_ok);
  }
  ~Cipher() { srtp_cipher_dealloc(handle); }
  srtp_cipher_t* handle = nullptr;
};

struct GcmVector {
  const srtp_cipher_type_t* type;
  std::string key, iv, aad, more_aad, plain, sealed;
};

const std::string kKey16 = "000102030405060708090a0b0c0d0e0f";
const std::string kKey32 = kKey16 + "101112131415161718191a1b1c1d1e1f";
const std::string kSalt12 = "517569642070726f2071756f";
const std::string kGallia = "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
const std::string kRtcpPlain =
    "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

}  // namespace

TEST_CASE("AES-GCM seals and opens the packets of RFC 7714", "[srtp][rfc7714]") {
  start_srtp_library();
  const GcmVector vectors[] = {
      {&kOpensslGcm128, kKey16, "51753c6580c2726f20718414", "8040f17b8041f8d35501a0b2", "", kGallia,
       "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
       "899d7f27beb16a9152cf765ee4390cce"},
      {&kOpensslGcm256, kKey32, "51753c6580c2726f20718414", "8040f17b8041f8d35501a0b2", "", kGallia,
       "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"},
      {&kOpensslGcm128, kKey16, "517524055203726f207170bb", "81c8000d4d617273", "800005d4", kRtcpPlain,
       "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
       "c84aa45896cf4d2fc5abf87245d9eade"},
  };
  for (const GcmVector& vector : vectors) {
    Cipher cipher(*vector.type, hex(vector.key + kSalt12), 16);
    Bytes iv = hex(vector.iv);
    const Bytes aad = hex(vector.aad);
    const Bytes more = hex(vector.more_aad);
    const auto begin = [&](srtp_cipher_direction_t direction) {
      REQUIRE(srtp_cipher_set_iv(cipher.handle, iv.data(), direction) == srtp_err_status_ok);
      REQUIRE(srtp_cipher_set_aad(cipher.handle, aad.data(), static_cast<std::uint32_t>(aad.size())) == 0);
      if (!more.empty()) {
        REQUIRE(srtp_cipher_set_aad(cipher.handle, more.data(), static_cast<std::uint32_t>(more.size())) == 0);
      }
    };
    Bytes buffer = hex(vector.plain);
    auto size = static_cast<std::uint32_t>(buffer.size());
    begin(srtp_direction_encrypt);
    REQUIRE(srtp_cipher_encrypt(cipher.handle, buffer.data(), &size) == srtp_err_status_ok);
    buffer.resize(buffer.size() + 16);
    std::uint32_t tag_size = 16;
    REQUIRE(srtp_cipher_get_tag(cipher.handle, buffer.data() + size, &tag_size) == srtp_err_status_ok);
    CHECK(common::hex_encode(buffer) == vector.sealed);

    size = static_cast<std::uint32_t>(buffer.size());
    begin(srtp_direction_decrypt);
    REQUIRE(srtp_cipher_decrypt(cipher.handle, buffer.data(), &size) == srtp_err_status_ok);
    CHECK(common::hex_encode({buffer.data(), size}) == vector.plain);

    Bytes forged = hex(vector.sealed);
    forged[3] ^= 1;
    size = static_cast<std::uint32_t>(forged.size());
    begin(srtp_direction_decrypt);
    CHECK(srtp_cipher_decrypt(cipher.handle, forged.data(), &size) == srtp_err_status_auth_fail);
  }
}

TEST_CASE("AES counter mode gives the key stream of RFC 3711 B.2 from one end of the counter to the other",
          "[srtp][rfc3711]") {
  start_srtp_library();
  Cipher cipher(kOpensslIcm128, hex("2b7e151628aed2a6abf7158809cf4f3cf0f1f2f3f4f5f6f7f8f9fafbfcfd"), 0);
  Bytes iv(16);
  REQUIRE(srtp_cipher_set_iv(cipher.handle, iv.data(), srtp_direction_encrypt) == srtp_err_status_ok);
  Bytes stream(0xff02 * 16);
  auto size = static_cast<std::uint32_t>(stream.size());
  REQUIRE(srtp_cipher_encrypt(cipher.handle, stream.data(), &size) == srtp_err_status_ok);
  const common::ByteSpan all = stream;
  CHECK(common::hex_encode(all.first(48)) ==
        "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0");
  CHECK(common::hex_encode(all.subspan(0xfeff * 16, 48)) ==
        "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44");
}

TEST_CASE("the kernel types pass their own vectors", "[srtp]") {
  start_srtp_library();
  for (const auto* type : {&kOpensslIcm128, &kOpensslIcm256, &kOpensslGcm128, &kOpensslGcm256}) {
    CHECK(srtp_cipher_type_self_test(type) == srtp_err_status_ok);
  }
  CHECK(srtp_auth_type_self_test(&kOpensslHmacSha1) == srtp_err_status_ok);
}

TEST_CASE("HMAC-SHA1 gives the digests of RFC 2202, in one piece and in several", "[srtp][rfc2202]") {
  const struct {
    Bytes key, data;
    std::string tag;
  } vectors[] = {
      {Bytes(20, 0x0b), hex("4869205468657265"), "b617318655057264e28bc0b6fb378c8ef146be00"},
      {hex("4a656665"), hex("7768617420646f2079612077616e7420666f72206e6f7468696e673f"),
       "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
      {hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, 0xcd),
       "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
  };
  for (const auto& vector : vectors) {
    srtp_auth_t* auth = nullptr;
    REQUIRE(srtp_auth_type_alloc(&kOpensslHmacSha1, &auth, static_cast<int>(vector.key.size()), 20) == 0);
    REQUIRE(srtp_auth_init(auth, vector.key.data()) == srtp_err_status_ok);
    for (const int cut : {0, 3}) {
      std::uint8_t tag[20];
      srtp_auth_start(auth);
      srtp_auth_update(auth, vector.data.data(), cut);
      srtp_auth_compute(auth, vector.data.data() + cut, static_cast<int>(vector.data.size()) - cut, tag);
      CHECK(common::hex_encode(tag) == vector.tag);
    }
    srtp_auth_dealloc(auth);
  }
}
