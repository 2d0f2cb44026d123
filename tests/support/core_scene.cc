#include "tests/support/core_scene.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/crypto/digest.h"
#include "proxy/auth/client.h"
#include "proxy/sip/name_addr.h"

namespace tests {
namespace {

using proxy::sip::Message;
using proxy::transport::Kind;

constexpr std::string_view kBound = "198.51.100.1:5060";
constexpr std::string_view kBoundWss = "198.51.100.1:8443";

std::vector<proxy::trunk::Trunk> default_trunks() {
  proxy::trunk::Trunk carrier;
  carrier.name = "carrier";
  carrier.host = "203.0.113.5";
  proxy::trunk::Trunk second = carrier;
  second.name = "second";
  second.host = "203.0.113.6";
  return {carrier, second};
}

proxy::core::Administration administration_with(std::vector<proxy::trunk::Trunk> trunks, bool media) {
  proxy::routing::Route route;
  route.name = "outside";
  route.media.relay = media;
  for (const auto& trunk : trunks) route.trunks.push_back(trunk.name);
  std::vector<proxy::auth::User> users{{"alice", {"alice-secret", {}, {}}}, {"bob", {"bob-secret", {}, {}}}};
  return {proxy::auth::UserTable{std::move(users)}, proxy::trunk::TrunkTable{std::move(trunks)},
          proxy::routing::Router{{}, {route}}};
}

proxy::core::Keys keys_of(std::string_view current, std::optional<std::string_view> other) {
  using proxy::core::Sealer;
  const auto branch = [](std::string_view secret) {
    return common::crypto::derive_key(common::as_bytes(secret), "branch");
  };
  const auto sealing = Sealer::derive(common::as_bytes(current));
  if (!other) return {Sealer{sealing}, branch(current)};
  return {Sealer{sealing, Sealer::derive(common::as_bytes(*other))}, branch(current), branch(*other)};
}

void set_sdp(Message& message, std::string_view sdp) {
  if (!sdp.empty()) message.set_body(std::string{sdp}, "application/sdp");
}

Message in_dialog(std::string_view method, std::string_view uri, std::string_view call_id, std::string_view from,
                  std::string_view to, unsigned cseq) {
  static unsigned branches = 0;
  Message message = Message::request(method, uri);
  message.append("Via", "SIP/2.0/UDP 192.0.2.99:5060;rport;branch=z9hG4bKd" + std::to_string(++branches));
  message.append("Max-Forwards", "70");
  message.append("From", from);
  message.append("To", to);
  message.append("Call-ID", call_id);
  message.append("CSeq", std::to_string(cseq) + ' ' + std::string{method});
  return message;
}

std::string contact_of(const Message& message) {
  return proxy::sip::NameAddr::parse(message.get("Contact"))->uri.to_string();
}

}  // namespace

void RecordingSender::send(const proxy::transport::Flow& flow, std::string bytes, std::uint64_t key) {
  if (closed.contains(flow.connection)) return undelivered.push_back({key});
  const bool connected = proxy::transport::is_reliable(flow.kind);
  sent.push_back({connected ? "flow " + std::to_string(flow.connection.value) : flow.remote.to_string(),
                  Message::parse(bytes).value()});
}

void RecordingSender::send_to(const proxy::transport::Destination& destination, std::string bytes, std::uint64_t key) {
  if (unreachable.contains(destination.remote.to_string())) return undelivered.push_back({key});
  sent.push_back({destination.remote.to_string(), Message::parse(bytes).value()});
}

void ScriptedRelays::ask(proxy::media::RelayIndex relay, const ng::Request& request, Done done) {
  asked.push_back({relay, request});
  waiting_.emplace_back(asked.back(), std::move(done));
}

bool ScriptedRelays::answer() {
  if (silent || waiting_.empty()) return false;
  auto [question, done] = std::move(waiting_.front());
  waiting_.pop_front();
  if (std::ranges::find(dead, question.relay) != dead.end()) {
    done(common::Err{ng::ClientError::Unreachable});
  } else if (refusal) {
    done(ng::Reply::error(*refusal));
  } else {
    ng::Reply reply;
    reply.body["sdp"] = "v=0\r\ns=" + std::string{ng::to_string(question.request.command)} + "\r\n";
    done(std::move(reply));
  }
  return true;
}

std::vector<ng::Command> ScriptedRelays::commands() const {
  std::vector<ng::Command> commands;
  for (const Asked& one : asked) commands.push_back(one.request.command);
  return commands;
}

CoreScene::CoreScene(std::vector<proxy::trunk::Trunk> trunks, bool media) {
  const auto bound = *common::SocketAddress::parse(kBound);
  const auto bound_wss = *common::SocketAddress::parse(kBoundWss);
  administration = administration_with(trunks.empty() ? default_trunks() : std::move(trunks), media);
  settings_.teardown = common::SocketAddress::parse("127.0.0.1:2224");
  settings_.realm = "example.org";
  settings_.boot = 99;
  listeners_.emplace(std::vector<std::string>{"example.org"},
                     std::vector<proxy::core::Listener>{
                         {Kind::Udp, bound, bound}, {Kind::Wss, bound_wss, bound_wss}, {Kind::Tcp, bound, bound}});
  keys_.emplace(keys_of("secret", std::nullopt));
  registrar_.emplace(proxy::registrar::Registrar::Settings{}, store_);
  authenticator_.emplace(
      proxy::auth::Authenticator::Settings{.realm = "example.org"},
      common::crypto::derive_key(common::as_bytes("secret"), "nonce"),
      [this](std::string_view user, std::string_view) { return administration->users.find(user); }, random_);
  core_ = std::make_unique<proxy::core::ProxyCore>(proxy::core::Services{
      .settings = settings_,
      .listeners = *listeners_,
      .administration = *administration,
      .keys = *keys_,
      .table = table_,
      .sender = sender,
      .store = store_,
      .registrar = *registrar_,
      .authenticator = *authenticator_,
      .relays = relays,
      .trunk_health = trunk_health,
      .random = random_,
      .locate = [this](
                    proxy::next_hop::Wanted wanted, std::uint64_t,
                    proxy::dns::Done<proxy::next_hop::Candidates> done) { locate(std::move(wanted), std::move(done)); },
      .hand_over = {},
      .now = [this] { return clock_.now(); },
      .wall = [] { return common::WallTime{std::chrono::milliseconds{1'764'000'000'000}}; }});
}

void CoreScene::locate(proxy::next_hop::Wanted wanted, proxy::dns::Done<proxy::next_hop::Candidates> done) {
  if (const auto held = held_names.find(wanted.host); held != held_names.end()) {
    held->second.push_back([this, wanted, done] { locate(wanted, done); });
    return;
  }
  if (const auto known = places.find(wanted.host); known != places.end()) return done(known->second);
  if (!common::IpAddress::parse(wanted.host)) return done(common::Err{proxy::dns::DnsError::NotFound});
  done(proxy::next_hop::Location{std::move(wanted), listeners_->request_kinds(), 0}.candidates());
}

void CoreScene::release(const std::string& name) {
  const auto held = held_names.extract(name);
  for (const auto& go_on : held.mapped()) go_on();
  settle();
}

void CoreScene::use_secrets(std::string_view current, std::optional<std::string_view> other) {
  *keys_ = keys_of(current, other);
}

proxy::transport::Flow CoreScene::udp(std::string_view remote) {
  proxy::transport::Flow flow;
  flow.local = *common::SocketAddress::parse(kBound);
  flow.remote = *common::SocketAddress::parse(remote);
  return flow;
}

proxy::transport::Flow CoreScene::wss(std::uint64_t connection) {
  proxy::transport::Flow flow;
  flow.kind = Kind::Wss;
  flow.listener = {1};
  flow.connection = {connection};
  flow.local = *common::SocketAddress::parse(kBoundWss);
  flow.remote = *common::SocketAddress::parse("192.0.2.200:40000");
  return flow;
}

proxy::transport::Flow CoreScene::tcp(std::string_view remote, std::uint64_t connection) {
  proxy::transport::Flow flow = udp(remote);
  flow.kind = Kind::Tcp;
  flow.listener = {2};
  flow.connection = {connection};
  return flow;
}

void CoreScene::receive(const proxy::transport::Flow& flow, const Message& message) {
  if (message.is_request()) {
    table_.on_request(message, flow, clock_.now());
  } else {
    table_.on_response(message, flow, clock_.now());
  }
  settle();
}

void CoreScene::settle() {
  do {
    while (!sender.undelivered.empty()) {
      table_.on_transport_error(sender.undelivered.front());
      sender.undelivered.pop_front();
    }
    while (auto event = table_.poll_event()) {
      if (auto* out = std::get_if<proxy::transaction::event::Transmit>(&*event)) {
        proxy::transaction::transmit(std::move(*out), sender);
      } else {
        core_->on_event(std::move(*event));
      }
    }
  } while (!sender.undelivered.empty() || relays.answer());
}

proxy::transaction::Timer CoreScene::next_timeout() const {
  return proxy::transaction::earliest(table_.next_timeout(), core_->next_timeout());
}

void CoreScene::advance(common::Duration by) {
  const auto end = clock_.now() + by;
  for (;;) {
    const auto next = next_timeout();
    clock_.advance_to(next && *next < end ? *next : end);
    table_.on_timeout(clock_.now());
    core_->on_timeout(clock_.now());
    settle();
    if (!next || *next >= end) return;
  }
}

Message CoreScene::take(std::string_view to) {
  const auto found = std::ranges::find(sender.sent, to, &Sent::to);
  if (found == sender.sent.end()) {
    std::string have;
    for (const Sent& one : sender.sent) {
      have += one.to + ": " + (one.message.is_request() ? one.message.method() : std::to_string(one.message.status())) +
              '\n';
    }
    FAIL("nothing was sent to " << to << "; there is\n" << have);
  }
  Message message = std::move(found->message);
  sender.sent.erase(found);
  return message;
}

bool CoreScene::nothing_to(std::string_view to) const {
  return std::ranges::find(sender.sent, to, &Sent::to) == sender.sent.end();
}

void CoreScene::bind(const std::string& user, const std::string& contact, const proxy::transport::Flow& flow,
                     const std::string& instance, std::uint32_t reg_id, std::uint16_t q_thousandths) {
  const std::string aor = listeners_->address_of_record(user);
  store_.load(aor, clock_.now(), [&](auto loaded) {
    proxy::store::Binding binding;
    binding.contact = contact;
    binding.flow = flow;
    proxy::registrar::Contact named;
    named.uri = named.user = contact;
    named.instance = binding.instance = instance;
    named.reg_id = binding.reg_id = reg_id;
    binding.flow_id = registrar_->flow_id(aor, named);
    binding.q_thousandths = q_thousandths;
    binding.expires_at = clock_.now() + std::chrono::hours{1};
    loaded->bindings.push_back(binding);
    store_.replace(aor, loaded->revision, loaded->bindings, [](auto stored) { REQUIRE(*stored); });
  });
}

void CoreScene::register_user(const std::string& user, const std::string& contact, const proxy::transport::Flow& flow) {
  static unsigned registrations = 0;
  Message request = invite(user, "sip:example.org", contact, "");
  Message message = Message::request("REGISTER", "sip:example.org");
  for (const auto& header : request.headers()) message.append(header.name, header.value);
  message.set("To", "<sip:" + user + "@example.org>");
  message.set("CSeq", "1 REGISTER");
  message.set("Call-ID", "registration-" + std::to_string(++registrations));
  receive(flow, message);
  receive(flow, with_credentials(message, take("flow " + std::to_string(flow.connection.value)), user));
}

Message CoreScene::with_credentials(Message request, const Message& response, const std::string& user) {
  const bool by_proxy = response.status() == 407;
  REQUIRE((by_proxy || response.status() == 401));
  const auto challenges = response.all(by_proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
  const auto value = proxy::auth::answer_challenge(challenges, request.method(), request.request_uri(),
                                                   {user, user + "-secret", {}}, random_);
  REQUIRE(value);
  request.append(by_proxy ? "Proxy-Authorization" : "Authorization", *value);
  request.set_cseq(request.cseq()->number + 1);
  auto via = *request.top_via();
  via.params.set("branch", std::string{via.branch()} + 'x');
  request.replace_at("Via", 0, via.to_string());
  return request;
}

Message invite(std::string_view from, std::string_view uri, std::string_view contact, std::string_view sdp) {
  Message message = in_dialog("INVITE", uri, "call-1", "<sip:" + std::string{from} + "@example.org>;tag=caller",
                              "<" + std::string{uri} + ">", 7);
  message.append("Contact", "<" + std::string{contact} + ">");
  set_sdp(message, sdp);
  return message;
}

Message answer(const Message& request, int status, std::string_view tag, std::string_view contact,
               std::string_view sdp) {
  Message message = Message::response_to(request, status, "Reason", tag);
  for (const std::string& value : request.all("Record-Route")) message.append("Record-Route", value);
  if (!contact.empty()) message.append("Contact", "<" + std::string{contact} + ">");
  set_sdp(message, sdp);
  return message;
}

Message from_caller(std::string_view method, const Message& response, unsigned cseq) {
  Message message =
      in_dialog(method, contact_of(response), response.call_id(), response.get("From"), response.get("To"), cseq);
  auto routes = response.all("Record-Route");
  std::ranges::reverse(routes);
  for (const std::string& route : routes) message.append("Route", route);
  return message;
}

Message from_callee(std::string_view method, const Message& invite, std::string_view tag, unsigned cseq) {
  Message message = in_dialog(method, contact_of(invite), invite.call_id(),
                              std::string{invite.get("To")} + ";tag=" + std::string{tag}, invite.get("From"), cseq);
  for (const std::string& route : invite.all("Record-Route")) message.append("Route", route);
  return message;
}

}  // namespace tests
