#pragma once

#include <string>

namespace common::tls {

/// Takes OpenSSL's queue of this thread and gives the reason of its last entry; `otherwise` if it is empty.
std::string take_openssl_error(const std::string& otherwise);

}  // namespace common::tls
