#include "relay/session/handshake.h"

#include <utility>

#include "common/base/overload.h"

namespace relay::session {
namespace {

constexpr std::uint8_t kHandshakeRecord = 22;  // RFC 6347 §4.1

}  // namespace

using State = dtls::DtlsTransport::State;

Handshake::Handshake(const DtlsSecurity& plan, common::Instant)
    : plan_(plan), transport_(plan.certificate, plan.role, plan.remote) {}

bool Handshake::over() const noexcept {
  return transport_.state() == State::Closed || transport_.state() == State::Failed;
}

/// A role can change only before the handshake; afterwards the same fingerprint is the same association (RFC 8842 §5).
bool Handshake::needs_new(const DtlsSecurity& plan) const noexcept {
  if (plan.certificate != plan_.certificate) return true;
  if (plan_.remote && plan.remote && *plan_.remote != *plan.remote) return true;
  const State state = transport_.state();
  return plan.role != transport_.role() && (state == State::Idle || state == State::Handshaking);
}

void Handshake::configure(const DtlsSecurity& plan, common::Instant now) {
  const bool renews = needs_new(plan);
  const bool learns = !plan_.remote && plan.remote;
  const auto known = plan_.remote;
  plan_ = plan;
  if (!plan_.remote) plan_.remote = known;
  if (renews) {
    associations_ = 0;
    renew(now);
  } else if (learns) {
    transport_.set_remote_fingerprint(*plan_.remote, now);
  }
  start(now);
}

void Handshake::renew(common::Instant now) {
  if (associations_ >= kMaxAssociations) return;
  ++associations_;
  keys_ended_ = keys_ended_ || connected();
  transport_ = dtls::DtlsTransport(plan_.certificate, plan_.role, plan_.remote);
  start(now);
}

/// The ClientHello waits for the peer's answer: before it nobody is there to take it.
void Handshake::start(common::Instant now) {
  if (remote_ && plan_.remote) transport_.start(now);
}

void Handshake::reach(const common::SocketAddress& remote, common::Instant now) {
  remote_ = remote;
  start(now);
}

void Handshake::on_datagram(common::ByteSpan datagram, const common::SocketAddress& source, common::Instant now) {
  const bool begins = !datagram.empty() && datagram.front() == kHandshakeRecord;
  if (over() && begins && plan_.role == dtls::Role::Passive) renew(now);
  remote_ = source;
  transport_.on_datagram(datagram, now);
}

std::optional<Handshake::Output> Handshake::poll_output() {
  if (std::exchange(keys_ended_, false)) return Unkeyed{};
  while (auto output = transport_.poll_output()) {
    std::optional<Output> ours;
    std::visit(common::Overload{
                   [&](dtls::Send& send) {
                     if (remote_) ours = Send{*remote_, std::move(send.datagram)};
                   },
                   [&](dtls::SrtpKeys& keys) { ours = Keyed{std::move(keys.local), std::move(keys.remote)}; },
                   [&](dtls::Closed&) { ours = Unkeyed{}; },
                   [&](dtls::Failed&) { ours = Unkeyed{.failed = true}; },
               },
               *output);
    if (ours) return ours;
  }
  return std::nullopt;
}

}  // namespace relay::session
