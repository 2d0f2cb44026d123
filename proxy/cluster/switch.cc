#include "proxy/cluster/switch.h"

#include <utility>

#include "common/base/overload.h"

namespace proxy::cluster {
namespace {

using transport::Destination;
using transport::Flow;
using transport::ListenerId;
using transport::ProcessId;
using transport::SendError;

constexpr std::uint64_t kForeign = std::uint64_t{1} << 63;  // no transaction of ours has such an id

}  // namespace

Switch::Switch(common::event::Loop& loop, transport::Sender& own, Holds holds, Events events)
    : loop_(loop), own_(own), holds_(std::move(holds)), events_(std::move(events)) {}

/// The other node that must send what leaves by this listener. Nobody: this one does, even if the address is on its way
/// here.
std::optional<ProcessId> Switch::other_holder(transport::Kind kind, ListenerId listener) const {
  if (links_ == nullptr || transport::is_websocket(kind) || holds_(listener)) return std::nullopt;
  return links_->holder_of(listener);
}

void Switch::send(const Flow& flow, std::string bytes, std::uint64_t key) {
  const bool is_elsewhere = transport::is_reliable(flow.kind) && flow.process != ProcessId{};
  const auto other = transport::is_reliable(flow.kind) ? std::nullopt : other_holder(flow.kind, flow.listener);
  if (!is_elsewhere && !other) return own_.send(flow, std::move(bytes), key);
  Flow there = flow;
  there.process = {};
  pass(is_elsewhere ? flow.process : *other, SendOnFlow{there, key, std::move(bytes)}, key);
}

void Switch::send_to(const Destination& destination, std::string bytes, std::uint64_t key) {
  const auto other = other_holder(destination.kind, destination.listener);
  if (!other) return own_.send_to(destination, std::move(bytes), key);
  pass(*other, SendTo{destination, key, std::move(bytes)}, key);
}

bool Switch::is_open(const Flow& flow) const {
  if (!transport::is_reliable(flow.kind) || flow.process == ProcessId{}) return own_.is_open(flow);
  return links_ != nullptr && links_->is_up(flow.process);
}

void Switch::pass(ProcessId to, const LinkMessage& message, std::uint64_t key) {
  if (links_ != nullptr && links_->send(to, message)) {
    ++counters_.sent;
    return;
  }
  if (key == 0) return;
  loop_.defer([this, key] { events_.on_send_failed(key, SendError::ConnectionGone); });
}

bool Switch::hand_over(ProcessId to, const Flow& flow, std::string bytes) {
  if (links_ == nullptr || !links_->send(to, HandOver{flow, std::move(bytes)})) return false;
  ++counters_.handed_over;
  return true;
}

std::uint64_t Switch::foreign_key(ProcessId from, std::uint64_t key) {
  if (key == 0) return 0;
  ++last_foreign_;
  foreign_[last_foreign_ % kForeignKeys] = {from, key};
  return kForeign | last_foreign_;
}

bool Switch::on_own_send_failed(std::uint64_t key, SendError error) {
  if ((key & kForeign) == 0) return false;
  const std::uint64_t number = key & ~kForeign;
  if (links_ == nullptr || last_foreign_ - number >= kForeignKeys) return true;
  const Foreign& foreign = foreign_[number % kForeignKeys];
  links_->send(foreign.process, NotSent{foreign.key, error});
  return true;
}

void Switch::on_message(ProcessId from, LinkMessage message) {
  std::visit(common::Overload{[](Hello&) {}, [](Beat&) {},
                              [&](SendOnFlow& send) {
                                ++counters_.sent_for;
                                own_.send(send.flow, std::move(send.bytes), foreign_key(from, send.key));
                              },
                              [&](SendTo& send) {
                                ++counters_.sent_for;
                                own_.send_to(send.destination, std::move(send.bytes), foreign_key(from, send.key));
                              },
                              [&](NotSent& failure) { events_.on_send_failed(failure.key, failure.error); },
                              [&](HandOver& response) {
                                ++counters_.taken_over;
                                response.flow.process = from;
                                events_.on_message(response.flow, response.bytes);
                              }},
             message);
}

}  // namespace proxy::cluster
