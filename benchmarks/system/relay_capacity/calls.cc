#include "benchmarks/system/relay_capacity/calls.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "common/crypto/random.h"

namespace benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeysDeadline = 5s;

common::SocketAddress port_of(const Options& options, unsigned offset) {
  return {options.local, {static_cast<std::uint16_t>(options.first_port + offset)}};
}

std::string call_id(std::size_t index) { return "capacity-" + std::to_string(index); }

ng::Request request(ng::Command command, std::size_t index, std::string sdp) {
  ng::Request request;
  request.command = command;
  request.call_id = call_id(index);
  request.from_tag = "caller";
  if (command == ng::Command::Answer) request.to_tag = "callee";
  request.sdp = std::move(sdp);
  request.flags.replace.origin = true;
  request.flags.trust_address = true;
  return request;
}

ng::TransportProtocol protocol_of(Protection protection) {
  switch (protection) {
    case Protection::Plain:
      return ng::TransportProtocol::RtpAvp;
    case Protection::Sdes:
      return ng::TransportProtocol::RtpSavp;
    case Protection::Dtls:
      return ng::TransportProtocol::UdpTlsRtpSavp;
  }
  return ng::TransportProtocol::RtpAvp;
}

}  // namespace

common::Instant monotonic_now() noexcept {
  return common::Instant{std::chrono::steady_clock::now().time_since_epoch()};
}

Calls::Calls(const Options& options, const Speech& speech)
    : options_(options),
      speech_(speech),
      control_(options.relay),
      caller_socket_(port_of(options, 0)),
      caller_rtcp_(port_of(options, 1)),
      callee_socket_(port_of(options, 2)),
      callee_rtcp_(port_of(options, 3)) {
  common::crypto::SystemRandom random;
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto certificate = relay::dtls::Certificate::make(random, now);
  for (std::size_t i = 0; i < options.scenario.calls; ++i) {
    callers_.push_back(std::make_unique<Party>(options.scenario.caller, caller_socket_, speech, certificate, random));
    callees_.push_back(std::make_unique<Party>(options.scenario.callee, callee_socket_, speech, certificate, random));
  }
}

void Calls::set_up() {
  for (std::size_t i = 0; i < size(); ++i) {
    set_up(i);
    if (!options_.scenario.transcodes()) continue;
    callers_[i]->listen(std::make_unique<Listener>(options_.scenario.caller.codec));
    callees_[i]->listen(std::make_unique<Listener>(options_.scenario.callee.codec));
  }
}

void Calls::set_up(std::size_t index) {
  Party& caller = *callers_[index];
  Party& callee = *callees_[index];
  ng::Request offer = request(ng::Command::Offer, index, caller.offer());
  offer.flags.transport_protocol = protocol_of(options_.scenario.callee.protection);
  offer.flags.ice = ng::Ice::Remove;
  offer.flags.rtcp_mux.demux = true;
  if (options_.scenario.transcodes()) {
    offer.flags.codec.mask = {"opus"};
    offer.flags.codec.transcode = {"PCMU"};
  }
  const ng::Request answer = request(ng::Command::Answer, index, callee.answer(control_.ask(offer)));
  const std::string sdp = control_.ask(answer);
  caller.on_answer(sdp, monotonic_now());
  by_relay_port_[caller.relay().port.value] = &caller;
  by_relay_port_[callee.relay().port.value] = &callee;
  await_keys(caller);
}

void Calls::await_keys(Party& party) {
  const common::Instant deadline = monotonic_now() + kKeysDeadline;
  while (!party.ready()) {
    if (monotonic_now() > deadline) throw std::runtime_error("no DTLS keys with the relay after 5 s");
    std::this_thread::sleep_for(100us);
    receive();
    party.on_timeout(monotonic_now());
  }
}

void Calls::tear_down() {
  for (std::size_t i = 0; i < size(); ++i) control_.ask(request(ng::Command::Delete, i, {}));
}

void Calls::flush() {
  caller_socket_.flush();
  callee_socket_.flush();
}

void Calls::receive() {
  receive(caller_socket_);
  receive(callee_socket_);
  caller_rtcp_.receive();
  callee_rtcp_.receive();
}

void Calls::receive(MediaSocket& socket) {
  for (;;) {
    const auto batch = socket.receive();
    const common::Instant now = monotonic_now();
    for (auto& packet : batch) {
      if (Party* party = by_relay_port_[packet.remote.port.value]) party->on_datagram(packet, now);
    }
    if (batch.size() < MediaSocket::kBatch) return;
  }
}

PartyCounters Calls::counters() const noexcept {
  PartyCounters sum;
  for (const auto* side : {&callers_, &callees_}) {
    for (const auto& party : *side) sum += party->counters();
  }
  return sum;
}

void Calls::reset_counters() noexcept {
  for (const auto* side : {&callers_, &callees_}) {
    for (const auto& party : *side) party->reset_counters();
  }
}

double Calls::quietest() const {
  double share = 1;
  for (const auto* side : {&callers_, &callees_}) {
    for (const auto& party : *side) {
      if (party->listener()) share = std::min(share, party->listener()->loudness() / speech_.loudness());
    }
  }
  return share;
}

}  // namespace benchmarks
