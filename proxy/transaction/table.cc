#include "proxy/transaction/table.h"

#include <utility>

#include "common/base/invariant.h"
#include "common/base/overload.h"
#include "proxy/sip/derive.h"
#include "proxy/sip/source.h"

namespace proxy::transaction {

namespace {

constexpr std::string_view kRetryAfterOverload = "5";  // seconds

/// The way back of a request's responses.
Hop response_hop(const sip::Message& request, transport::Flow flow) {
  if (!transport::is_reliable(flow.kind)) flow.remote = sip::response_address(request, flow.remote);
  return flow;
}

/// A caller over TCP whose connection is gone is called back. Over TLS nobody knows whose name to ask for, and
/// WebSockets are opened by their clients alone.
std::optional<transport::Destination> other_hop(const sip::Message& request, const transport::Flow& flow) {
  if (flow.kind != transport::Kind::Tcp) return std::nullopt;
  return transport::Destination{flow.kind, sip::callback_address(request, flow.remote), flow.listener, {}};
}

template <class Machines>
void tick(Machines& machines, common::Instant now) {
  std::visit([now](auto& machine) { machine.on_timeout(now); }, machines);
}

template <class Machines>
std::optional<Output> poll(Machines& machines) {
  return std::visit([](auto& machine) { return machine.poll_output(); }, machines);
}

template <class Machines>
Timer timeout_of(const Machines& machines) {
  return std::visit([](const auto& machine) { return machine.next_timeout(); }, machines);
}

}  // namespace

bool is_reliable(const Hop& hop) noexcept {
  return std::visit([](const auto& way) { return transport::is_reliable(way.kind); }, hop);
}

void transmit(event::Transmit message, transport::Sender& sender) {
  const std::uint64_t key = message.id.value;
  const auto* flow = std::get_if<transport::Flow>(&message.hop);
  if (flow == nullptr) {
    sender.send_to(std::get<transport::Destination>(message.hop), std::move(message.bytes), key);
  } else if (message.otherwise && !sender.is_open(*flow)) {
    sender.send_to(*message.otherwise, std::move(message.bytes), key);
  } else {
    sender.send(*flow, std::move(message.bytes), key);
  }
}

Table::Table(Limits limits) : limits_(limits) {}
Table::Table() : Table(Limits{}) {}

void Table::on_request(sip::Message request, const transport::Flow& flow, common::Instant now) {
  auto key = server_key(request);
  if (!key) {
    ++stats_.malformed;
    return;
  }
  if (request.is("ACK")) return on_ack(std::move(request), *key, flow, now);
  if (absorb_repeat(*key)) return;
  if (servers_.size() >= limits_.servers) return refuse(request, flow);
  open_server(std::move(request), std::move(*key), flow, now);
}

void Table::on_ack(sip::Message ack, const Key& key, const transport::Flow& flow, common::Instant now) {
  const auto known = server_keys_.find(key);
  if (known != server_keys_.end()) {
    Server& server = servers_.at(known->second);
    auto* invite = std::get_if<InviteServer>(&server.machine);
    if (invite == nullptr || invite->on_ack(now)) {
      ++stats_.acks;
      return settle_server(known->second, server);
    }
  }
  events_.push(event::Ack{std::move(ack), flow});
}

bool Table::absorb_repeat(const Key& key) {
  const auto known = server_keys_.find(key);
  if (known == server_keys_.end()) return false;
  ++stats_.repeats;
  Server& server = servers_.at(known->second);
  std::visit([](auto& machine) { machine.on_repeat(); }, server.machine);
  settle_server(known->second, server);
  return true;
}

void Table::open_server(sip::Message request, Key key, const transport::Flow& flow, common::Instant now) {
  const TransactionId id{++last_id_};
  const TransactionId invite = request.is("CANCEL") ? find_cancelled(request) : TransactionId{};
  Hop hop = response_hop(request, flow);
  auto otherwise = other_hop(request, flow);
  sip::stamp_source(request, flow.remote);
  const bool reliable = is_reliable(hop);
  server_keys_.emplace(key, id);
  if (request.is("INVITE")) {
    servers_.emplace(
        id, Server{InviteServer{request, reliable, now}, std::move(hop), std::move(otherwise), std::move(key)});
  } else {
    servers_.emplace(id, Server{NonInviteServer{reliable}, std::move(hop), std::move(otherwise), std::move(key)});
  }
  settle_server(id, servers_.at(id));
  if (request.is("CANCEL")) {
    events_.push(event::Cancel{id, invite, std::move(request), flow});
  } else {
    events_.push(event::Request{id, std::move(request), flow});
  }
}

void Table::refuse(const sip::Message& request, const transport::Flow& flow) {
  ++stats_.refused;
  sip::Message stamped = request;
  sip::stamp_source(stamped, flow.remote);
  sip::Message response = sip::Message::response_to(stamped, 503, "Too Many Transactions", "overload");
  response.append("Retry-After", kRetryAfterOverload);
  events_.push(event::Transmit{{}, response_hop(request, flow), response.to_string()});
}

TransactionId Table::find_cancelled(const sip::Message& cancel) const {
  const auto key = cancelled_key(cancel);
  const auto known = key ? server_keys_.find(*key) : server_keys_.end();
  return known == server_keys_.end() ? TransactionId{} : known->second;
}

void Table::on_response(sip::Message response, const transport::Flow& flow, common::Instant now) {
  const auto key = client_key(response);
  if (!key) {
    ++stats_.malformed;
    return;
  }
  const auto known = client_keys_.find(*key);
  if (known == client_keys_.end()) {
    events_.push(event::Stray{std::move(response), flow});
    return;
  }
  const TransactionId id = known->second;
  Client& client = clients_.at(id);
  std::visit([&](auto& machine) { machine.on_response(std::move(response), now); }, client.machine);
  settle_client(id, client, flow);
  send_wanted_cancel(id, now);
}

common::Result<TransactionId, SendError> Table::send_request(sip::Message request, Hop hop, common::Instant now) {
  if (clients_.size() >= limits_.clients) return common::Err{SendError::TooMany};
  auto key = client_key(request);
  INVARIANT(key, "a request to be sent has a Via with a branch and a CSeq");
  if (client_keys_.contains(*key)) return common::Err{SendError::AlreadyRunning};
  const TransactionId id{++last_id_};
  const bool reliable = is_reliable(hop);
  client_keys_.emplace(*key, id);
  if (request.is("INVITE")) {
    clients_.emplace(id, Client{InviteClient{std::move(request), reliable, now}, std::move(hop), std::move(*key)});
  } else {
    clients_.emplace(id, Client{NonInviteClient{request, reliable, now}, std::move(hop), std::move(*key)});
  }
  settle_client(id, clients_.at(id), {});
  return id;
}

void Table::cancel(TransactionId id, common::Instant now, std::string_view reason) {
  const auto known = clients_.find(id);
  if (known == clients_.end() || known->second.cancelled) return;
  known->second.cancel_wanted = reason;
  if (auto* invite = std::get_if<InviteClient>(&known->second.machine)) {
    invite->on_given_up();
    reschedule(id, invite->next_timeout());
  }
  send_wanted_cancel(id, now);
}

void Table::send_wanted_cancel(TransactionId id, common::Instant now) {
  const auto known = clients_.find(id);
  if (known == clients_.end() || !known->second.cancel_wanted) return;
  Client& client = known->second;
  auto* invite = std::get_if<InviteClient>(&client.machine);
  if (invite == nullptr || invite->state() != InviteClient::State::Proceeding) return;
  const sip::Message message = sip::make_cancel(invite->invite(), *client.cancel_wanted);
  client.cancel_wanted.reset();
  client.cancelled = true;
  invite->on_cancelled(now);
  reschedule(id, invite->next_timeout());
  const Hop hop = client.hop;
  const auto sent = send_request(message, hop, now);
  if (sent) clients_.at(*sent).own_cancel = true;
}

void Table::respond(TransactionId server, const sip::Message& response, common::Instant now) {
  const auto known = servers_.find(server);
  if (known == servers_.end()) return;
  std::visit([&](auto& machine) { machine.respond(response, now); }, known->second.machine);
  settle_server(server, known->second);
}

bool Table::redirect(TransactionId server, Hop hop) {
  const auto known = servers_.find(server);
  if (known == servers_.end() || known->second.hop == hop) return false;
  auto* invite = std::get_if<InviteServer>(&known->second.machine);
  if (invite == nullptr) return false;
  known->second.hop = std::move(hop);
  invite->say_again();
  settle_server(server, known->second);
  return true;
}

void Table::discard(TransactionId server) { forget_server(server); }

void Table::on_transport_error(TransactionId id) {
  if (const auto server = servers_.find(id); server != servers_.end()) {
    std::visit([](auto& machine) { machine.on_transport_error(); }, server->second.machine);
    return settle_server(id, server->second);
  }
  if (const auto client = clients_.find(id); client != clients_.end()) {
    std::visit([](auto& machine) { machine.on_transport_error(); }, client->second.machine);
    settle_client(id, client->second, {});
  }
}

void Table::on_timeout(common::Instant now) {
  for (const TransactionId id : timers_.expire(now)) {
    if (const auto server = servers_.find(id); server != servers_.end()) {
      tick(server->second.machine, now);
      settle_server(id, server->second);
    } else if (const auto client = clients_.find(id); client != clients_.end()) {
      tick(client->second.machine, now);
      settle_client(id, client->second, {});
    }
  }
}

void Table::settle_server(TransactionId id, Server& server) {
  bool ended = false;
  while (auto output = poll(server.machine)) {
    std::visit(
        common::Overload{
            [&](Send& o) { events_.push(event::Transmit{id, server.hop, std::move(o.bytes), server.otherwise}); },
            [](Deliver&) {}, [&](transaction::Undelivered&) { events_.push(event::Undelivered{id}); },
            [&](transaction::Ended& o) {
              ended = true;
              events_.push(event::Ended{id, o.why});
            }},
        *output);
  }
  if (ended) return forget_server(id);
  reschedule(id, timeout_of(server.machine));
}

void Table::settle_client(TransactionId id, Client& client, const transport::Flow& from) {
  bool ended = false;
  while (auto output = poll(client.machine)) {
    std::visit(common::Overload{[&](Send& o) { events_.push(event::Transmit{id, client.hop, std::move(o.bytes)}); },
                                [&](Deliver& o) {
                                  if (!client.own_cancel) {
                                    events_.push(event::Response{id, std::move(o.response), from});
                                  }
                                },
                                [](transaction::Undelivered&) {},
                                [&](transaction::Ended& o) {
                                  ended = true;
                                  if (!client.own_cancel) events_.push(event::Ended{id, o.why});
                                }},
               *output);
  }
  if (ended) return forget_client(id);
  reschedule(id, timeout_of(client.machine));
}

void Table::reschedule(TransactionId id, const Timer& next) {
  if (next) {
    timers_.schedule(id, *next);
  } else {
    timers_.cancel(id);
  }
}

void Table::forget_server(TransactionId id) {
  const auto known = servers_.find(id);
  if (known == servers_.end()) return;
  timers_.cancel(id);
  server_keys_.erase(known->second.key);
  servers_.erase(known);
}

void Table::forget_client(TransactionId id) {
  const auto known = clients_.find(id);
  if (known == clients_.end()) return;
  timers_.cancel(id);
  client_keys_.erase(known->second.key);
  clients_.erase(known);
}

}  // namespace proxy::transaction
