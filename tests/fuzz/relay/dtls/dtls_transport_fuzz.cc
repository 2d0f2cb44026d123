#include "common/crypto/random.h"
#include "relay/dtls/dtls_transport.h"

namespace {

using relay::dtls::Certificate;
using relay::dtls::DtlsTransport;

std::shared_ptr<const Certificate> certificate() {
  static const auto shared = [] {
    common::crypto::SystemRandom random;
    return Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
  }();
  return shared;
}

}  // namespace

/// Datagrams for a passive side: each is preceded by its length in two bytes; time passes between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  DtlsTransport transport(certificate(), relay::dtls::Role::Passive, certificate()->fingerprint());
  common::Instant now{std::chrono::seconds{1}};
  common::ByteReader reader({data, size});
  while (reader.remaining() > 2) {
    const std::size_t length = reader.u16();
    transport.on_datagram(reader.bytes(std::min(length, reader.remaining())), now);
    while (transport.poll_output()) {
    }
    now += std::chrono::milliseconds{500};
    transport.on_timeout(now);
  }
  return 0;
}
