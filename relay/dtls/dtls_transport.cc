#include "relay/dtls/dtls_transport.h"

#include <utility>

#include "relay/dtls/association.h"

namespace relay::dtls {

DtlsTransport::DtlsTransport(std::shared_ptr<const Certificate> certificate, Role role,
                             std::optional<Fingerprint> remote, TransportOptions options)
    : association_(std::make_unique<Association>(std::move(certificate), role, std::move(remote), std::move(options))) {
}
DtlsTransport::~DtlsTransport() = default;
DtlsTransport::DtlsTransport(DtlsTransport&&) noexcept = default;
DtlsTransport& DtlsTransport::operator=(DtlsTransport&&) noexcept = default;

void DtlsTransport::start(common::Instant now) { association_->start(now); }
void DtlsTransport::set_remote_fingerprint(const Fingerprint& remote, common::Instant now) {
  association_->set_remote_fingerprint(remote, now);
}
void DtlsTransport::on_datagram(common::ByteSpan datagram, common::Instant now) {
  association_->on_datagram(datagram, now);
}
void DtlsTransport::on_timeout(common::Instant now) { association_->on_timeout(now); }
void DtlsTransport::close(common::Instant now) { association_->close(now); }
std::optional<TransportOutput> DtlsTransport::poll_output() { return association_->poll_output(); }
std::optional<common::Instant> DtlsTransport::next_timeout() const noexcept { return association_->next_timeout(); }
DtlsTransport::State DtlsTransport::state() const noexcept { return association_->state; }
Role DtlsTransport::role() const noexcept { return association_->role; }

}  // namespace relay::dtls
