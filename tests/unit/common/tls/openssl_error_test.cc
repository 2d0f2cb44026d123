#include "common/tls/openssl_error.h"

#include <openssl/err.h>

#include <catch2/catch.hpp>

using common::tls::take_openssl_error;

TEST_CASE("the last error is the one that is told, and all are taken", "[tls]") {
  ERR_clear_error();
  ERR_raise(ERR_LIB_PEM, ERR_R_MALLOC_FAILURE);
  ERR_raise(ERR_LIB_X509, ERR_R_INTERNAL_ERROR);
  CHECK(take_openssl_error("nothing") == "internal error");
  CHECK(take_openssl_error("nothing") == "nothing");
}

TEST_CASE("an error without words is told by its number", "[tls]") {
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, 4000);
  CHECK(take_openssl_error("TLS failed").starts_with("TLS failed (OpenSSL code "));
}
