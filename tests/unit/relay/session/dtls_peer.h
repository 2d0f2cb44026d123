#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/base/overload.h"
#include "relay/dtls/dtls_transport.h"

/// Somebody who speaks DTLS with a leg.
namespace relay::session {

inline std::shared_ptr<const dtls::Certificate> make_certificate() {
  common::crypto::SystemRandom random;
  return dtls::Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
}
inline const std::shared_ptr<const dtls::Certificate>& our_certificate() {
  static const auto made = make_certificate();
  return made;
}
inline const std::shared_ptr<const dtls::Certificate>& peer_certificate() {
  static const auto made = make_certificate();
  return made;
}

/// Believes us whoever we are, as long as our certificate is our_certificate().
struct DtlsPeer {
  DtlsPeer(const std::shared_ptr<const dtls::Certificate>& certificate, dtls::Role role)
      : transport(certificate, role, our_certificate()->fingerprint()) {}

  /// Datagrams it wants to send; notes what else it says.
  std::vector<common::Bytes> take() {
    std::vector<common::Bytes> datagrams;
    while (auto output = transport.poll_output()) {
      std::visit(common::Overload{[&](dtls::Send& send) { datagrams.push_back(std::move(send.datagram)); },
                                  [&](dtls::SrtpKeys& made) { keys = made; }, [&](dtls::Closed&) { closed = true; },
                                  [&](dtls::Failed&) { failed = true; }},
                 *output);
    }
    return datagrams;
  }

  dtls::DtlsTransport transport;
  std::optional<dtls::SrtpKeys> keys{};
  bool closed = false;
  bool failed = false;
};

}  // namespace relay::session
