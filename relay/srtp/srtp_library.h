#pragma once

namespace relay::srtp {

/// Starts libsrtp once for the process and puts OpenSSL behind its ciphers; every vector is tested on the way. Safe
/// from any thread, cheap after the first call. Dies if the library cannot start or a vector fails: no packet may leave
/// then.
void start_srtp_library();

}  // namespace relay::srtp
