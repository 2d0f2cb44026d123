#pragma once

#include <memory>

#include "common/crypto/random.h"
#include "common/time/instant.h"
#include "relay/dtls/fingerprint.h"

namespace relay::dtls {

/// Key, self-signed certificate and the two OpenSSL contexts (one per role) made of them. Made once at start, then
/// immutable: every leg on every shard shares it, OpenSSL counts the references.
class Certificate {
 public:
  /// ECDSA P-256, signed with SHA-256, valid from one day before `now` for a year. The key comes from OpenSSL's
  /// generator; `random` gives serial number and name. Nullptr: OpenSSL refused (out of memory, a broken installation).
  static std::shared_ptr<const Certificate> make(common::crypto::Random& random, common::WallTime now);

  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  /// sha-256, as `a=fingerprint` announces it.
  const Fingerprint& fingerprint() const noexcept { return fingerprint_; }

  struct Contexts;  // OpenSSL's side, for DtlsTransport only
  const Contexts& contexts() const noexcept { return *contexts_; }

 private:
  explicit Certificate(std::unique_ptr<Contexts> contexts, Fingerprint fingerprint);

  std::unique_ptr<Contexts> contexts_;
  Fingerprint fingerprint_;
};

}  // namespace relay::dtls
