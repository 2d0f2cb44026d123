#include "relay/session/connectivity.h"

#include <algorithm>
#include <utility>

#include "common/base/overload.h"

namespace relay::session {
namespace {

constexpr PortRole kPorts[] = {PortRole::Rtp, PortRole::Rtcp};

}  // namespace

void Connectivity::configure(const LegPlan& plan, common::Instant now) {
  configure_ice(plan, now);
  configure_dtls(plan, now);
  collect(now);
}

void Connectivity::configure_ice(const LegPlan& plan, common::Instant now) {
  if (!plan.ice) {
    agent_.reset();
  } else if (agent_) {
    agent_->update(*plan.ice, now);
  } else {
    agent_.emplace(*plan.ice, *random_, now);
  }
}

void Connectivity::configure_dtls(const LegPlan& plan, common::Instant now) {
  const auto* dtls = std::get_if<DtlsSecurity>(&plan.security);
  for (const PortRole port : kPorts) {
    auto& handshake = handshakes_[index_of(port)];
    const bool wanted = dtls != nullptr && (port == PortRole::Rtp || (plan.rtcp && !plan.rtcp_mux));
    if (!wanted) {
      handshake.reset();
      continue;
    }
    if (handshake) {
      handshake->configure(*dtls, now);
    } else {
      handshake.emplace(*dtls, now);
    }
    const auto& signalled = port == PortRole::Rtp ? plan.remote_rtp : plan.remote_rtcp;
    if (agent_) {
      if (const auto selected = agent_->selected(component_of(port))) handshake->reach(*selected, now);
    } else if (signalled && dtls->role == dtls::Role::Active) {
      handshake->reach(*signalled, now);
    }
  }
}

void Connectivity::on_stun(common::ByteSpan datagram, PortRole port, const common::SocketAddress& source,
                           common::Instant now) {
  if (!agent_) return;
  agent_->on_datagram(datagram, component_of(port), source, now);
  collect(now);
}

void Connectivity::on_dtls(common::ByteSpan datagram, PortRole port, const common::SocketAddress& source,
                           common::Instant now) {
  auto& handshake = handshakes_[index_of(port)];
  if (!handshake) return;
  handshake->on_datagram(datagram, source, now);
  collect(now);
}

void Connectivity::on_timeout(common::Instant now) {
  if (agent_) agent_->on_timeout(now);
  for (auto& handshake : handshakes_) {
    if (handshake) handshake->on_timeout(now);
  }
  collect(now);
}

void Connectivity::close(common::Instant now) {
  for (auto& handshake : handshakes_) {
    if (handshake) handshake->close(now);
  }
  collect(now);
}

bool Connectivity::may_speak(PortRole port, const common::SocketAddress& source) const noexcept {
  return agent_ && (agent_->selected(component_of(port)) == source || agent_->is_validated(component_of(port), source));
}

bool Connectivity::ice_connected() const noexcept {
  return agent_ && agent_->state() == ice::IceAgent::State::Connected;
}

bool Connectivity::dtls_connected() const noexcept {
  return uses_dtls() && std::ranges::all_of(handshakes_, [](const auto& h) { return !h || h->connected(); });
}

void Connectivity::reach(PortRole port, const common::SocketAddress& remote, common::Instant now) {
  if (auto& handshake = handshakes_[index_of(port)]) handshake->reach(remote, now);
}

/// ICE first: a selected pair lets a handshake begin.
void Connectivity::collect(common::Instant now) {
  if (agent_) collect_ice(now);
  for (const PortRole port : kPorts) collect_dtls(port);
}

void Connectivity::collect_ice(common::Instant now) {
  while (auto output = agent_->poll_output()) {
    std::visit(common::Overload{
                   [&](ice::Send& send) {
                     outputs_.emplace_back(Send{role_of(send.component), send.remote, std::move(send.bytes)});
                   },
                   [&](ice::Selected& selected) {
                     outputs_.emplace_back(Selected{role_of(selected.component), selected.remote});
                     reach(role_of(selected.component), selected.remote, now);
                   },
                   [&](ice::ConsentLost& lost) { outputs_.emplace_back(Unreachable{role_of(lost.component)}); },
                   [&](ice::Failed&) { outputs_.emplace_back(Unreachable{PortRole::Rtp}); },
               },
               *output);
  }
}

void Connectivity::collect_dtls(PortRole port) {
  auto& handshake = handshakes_[index_of(port)];
  if (!handshake) return;
  while (auto output = handshake->poll_output()) {
    std::visit(
        common::Overload{
            [&](Handshake::Send& send) { outputs_.emplace_back(Send{port, send.remote, std::move(send.datagram)}); },
            [&](Handshake::Keyed& keyed) {
              outputs_.emplace_back(Keyed{port, std::move(keyed.send), std::move(keyed.receive)});
            },
            [&](Handshake::Unkeyed& unkeyed) { outputs_.emplace_back(Unkeyed{port, unkeyed.failed}); },
        },
        *output);
  }
}

std::optional<Connectivity::Output> Connectivity::poll_output() {
  if (outputs_.empty()) return std::nullopt;
  Output output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

std::optional<common::Instant> Connectivity::next_timeout() const noexcept {
  std::optional<common::Instant> earliest = agent_ ? agent_->next_timeout() : std::nullopt;
  for (const auto& handshake : handshakes_) {
    const auto at = handshake ? handshake->next_timeout() : std::nullopt;
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

}  // namespace relay::session
