#pragma once

#include <openssl/bio.h>

namespace common::tls {

/// A BIO over a non-blocking socket that it does not own. OpenSSL's own one writes without MSG_NOSIGNAL, so that a
/// peer that is gone would kill the process.
BIO* new_socket_bio(int fd);

}  // namespace common::tls
