#include "proxy/worker/worker.h"

#include "common/log/log.h"
#include "proxy/sip/sanity.h"
#include "proxy/sip/source.h"

namespace proxy::worker {

using transport::Flow;

common::Result<std::unique_ptr<Worker>, std::vector<std::string>> Worker::open(
    common::event::Loop& loop, transport::Settings settings, store::MemoryLocationStore& store,
    registrar::Registrar& registrar, const MakeServices& make_services, OnSendFailed is_foreign) {
  std::unique_ptr<Worker> worker{new Worker(loop, store, registrar, std::move(is_foreign))};
  auto transports = transport::TransportLayer::open(loop, std::move(settings), worker->events());
  if (!transports) return common::Err{std::move(transports.error())};
  worker->transports_ = std::move(*transports);
  core::Services services = make_services(*worker);
  worker->sender_ = &services.sender;
  worker->core_ = std::make_unique<core::ProxyCore>(std::move(services));
  return worker;
}

Worker::Worker(common::event::Loop& loop, store::MemoryLocationStore& store, registrar::Registrar& registrar,
               OnSendFailed is_foreign)
    : loop_(loop),
      store_(store),
      registrar_(registrar),
      is_foreign_(std::move(is_foreign)),
      timer_(loop, [this](common::Instant now) { on_timeout(now); }) {}

transport::Events Worker::events() {
  return {[this](const Flow& flow, std::string_view bytes, common::Instant now) { on_message(flow, bytes, now); },
          [this](const Flow& flow, transport::CloseReason, common::Instant) { on_closed(flow); },
          [this](std::uint64_t key, transport::SendError error, common::Instant) {
            if (!is_foreign_ || !is_foreign_(key, error)) on_send_failed(key);
          }};
}

void Worker::on_send_failed(std::uint64_t key) {
  table_.on_transport_error({key});
  settle();
}

void Worker::on_registered(std::uint32_t owner) {
  core_->on_registered(owner);
  settle();
}

void Worker::on_message(const Flow& flow, std::string_view bytes, common::Instant now) {
  auto message = sip::Message::parse(bytes);
  if (!message) return on_unparsable(flow, bytes, message.error());
  if (const auto fault = sip::check(*message)) {
    ++(message->is_request() ? counters_.refused : counters_.dropped_responses);
    if (const auto refusal = sip::refusal(*message, *fault)) {
      Flow back = flow;
      if (flow.kind == transport::Kind::Udp) back.remote = sip::response_address(*message, flow.remote);
      transports_->send(back, refusal->to_string(), 0);
    }
    return;
  }
  if (message->is_request()) {
    table_.on_request(std::move(*message), flow, now);
  } else {
    table_.on_response(std::move(*message), flow, now);
  }
  settle();
}

void Worker::on_unparsable(const Flow& flow, std::string_view bytes, sip::ParseError error) {
  ++counters_.unparsable[static_cast<std::size_t>(error)];
  if (error == sip::ParseError::KeepAlive) {
    ++counters_.keepalives;
    return;
  }
  if (const auto refusal = sip::refusal(bytes, error)) transports_->send(flow, refusal->to_string(), 0);
}

void Worker::on_closed(const Flow& flow) {
  registrar_.on_connection_closed(store_.on_connection(flow.connection));
  core_->on_connection_closed(flow);
  settle();
}

bool Worker::on_teardown(std::string_view blob) {
  const bool known = core_->on_teardown(blob);
  settle();
  return known;
}

void Worker::drain() {
  core_->drain();
  settle();
}

void Worker::on_timeout(common::Instant now) {
  table_.on_timeout(now);
  core_->on_timeout(now);
  store_.on_timeout(now);
  settle();
}

void Worker::settle() {
  if (settling_) return;
  settling_ = true;
  while (auto event = table_.poll_event()) {
    if (auto* out = std::get_if<transaction::event::Transmit>(&*event)) {
      transaction::transmit(std::move(*out), *sender_);
    } else {
      core_->on_event(std::move(*event));
    }
  }
  settling_ = false;
  auto next = transaction::earliest(table_.next_timeout(), core_->next_timeout());
  next = transaction::earliest(next, store_.next_timeout());
  if (next) timer_.schedule(*next);
}

}  // namespace proxy::worker
