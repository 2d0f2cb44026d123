#include "relay/srtp/openssl_hmac.h"

#include <catch2/catch.hpp>

#include "common/base/bytes.h"
#include "common/base/encoding.h"
#include "relay/srtp/srtp_library.h"

namespace relay::srtp {
namespace {

using common::Bytes;

Bytes hex(std::string_view text) { return *common::hex_decode(text); }
Bytes text(std::string_view text) { return {text.begin(), text.end()}; }

struct Auth {
  explicit Auth(const Bytes& key, int tag_size = 20) : tag(static_cast<std::size_t>(tag_size)) {
    REQUIRE(srtp_auth_type_alloc(&kOpensslHmacSha1, &handle, static_cast<int>(key.size()), tag_size) ==
            srtp_err_status_ok);
    REQUIRE(srtp_auth_init(handle, key.data()) == srtp_err_status_ok);
  }
  Auth(const Auth&) = delete;
  Auth& operator=(const Auth&) = delete;
  ~Auth() { srtp_auth_dealloc(handle); }

  /// Of `data`, whose first `cut` bytes come in a piece of their own.
  std::string tag_of(const Bytes& data, int cut = 0) {
    srtp_auth_start(handle);
    srtp_auth_update(handle, data.data(), cut);
    srtp_auth_compute(handle, data.data() + cut, static_cast<int>(data.size()) - cut, tag.data());
    return common::hex_encode(tag);
  }

  srtp_auth_t* handle = nullptr;
  Bytes tag;
};

srtp_err_status_t allocation_of(int key_size, int tag_size) {
  srtp_auth_t* handle = nullptr;
  const srtp_err_status_t status = srtp_auth_type_alloc(&kOpensslHmacSha1, &handle, key_size, tag_size);
  if (handle != nullptr) srtp_auth_dealloc(handle);
  return status;
}

}  // namespace

TEST_CASE("HMAC-SHA1 gives the digests of RFC 2202, in one piece and in several", "[srtp][rfc2202]") {
  const struct {
    Bytes key, data;
    std::string tag;
  } vectors[] = {
      {Bytes(20, 0x0b), text("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00"},
      {text("Jefe"), text("what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
      {hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, 0xcd),
       "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
      {Bytes(20, 0x0c), text("Test With Truncation"), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
  };
  start_srtp_library();
  for (const auto& vector : vectors) {
    Auth auth(vector.key);
    CHECK(auth.tag_of(vector.data) == vector.tag);
    CHECK(auth.tag_of(vector.data, 3) == vector.tag);
    CHECK(auth.tag_of(vector.data, static_cast<int>(vector.data.size())) == vector.tag);
  }
}

TEST_CASE("a shorter tag is the beginning of the whole one", "[srtp][rfc2104]") {
  start_srtp_library();
  Auth short_tag(Bytes(20, 0x0c), 4);
  CHECK(short_tag.tag_of(text("Test With Truncation")) == "4c1a0342");
  Auth long_tag(Bytes(20, 0x0c), 10);
  CHECK(long_tag.tag_of(text("Test With Truncation")) == "4c1a03424b55e07fe7f2");
}

TEST_CASE("messages of many lengths around the block of 64 bytes give the same in one piece and in two", "[srtp]") {
  start_srtp_library();
  Auth auth(Bytes(20, 0xaa));
  for (std::size_t size = 0; size < 200; ++size) {
    const Bytes data(size, 0x5a);
    const std::string whole = auth.tag_of(data);
    CHECK(auth.tag_of(data, static_cast<int>(size / 2)) == whole);
  }
}

TEST_CASE("a start forgets what was added before it, and streams with other keys do not mix", "[srtp]") {
  start_srtp_library();
  Auth one(text("Jefe"));
  Auth other(Bytes(20, 0x0b));
  const Bytes half = text("what do ya");
  srtp_auth_start(one.handle);
  srtp_auth_update(one.handle, half.data(), static_cast<int>(half.size()));
  CHECK(other.tag_of(text("Hi There")) == "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(one.tag_of(text("what do ya want for nothing?")) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST_CASE("a key longer than a block and a tag longer than a digest are refused", "[srtp]") {
  start_srtp_library();
  CHECK(allocation_of(64, 20) == srtp_err_status_ok);
  CHECK(allocation_of(65, 20) == srtp_err_status_bad_param);
  CHECK(allocation_of(20, 21) == srtp_err_status_bad_param);
}

TEST_CASE("the vectors that libsrtp's kernel tests HMAC with pass", "[srtp]") {
  start_srtp_library();
  CHECK(srtp_auth_type_self_test(&kOpensslHmacSha1) == srtp_err_status_ok);
}

}  // namespace relay::srtp
