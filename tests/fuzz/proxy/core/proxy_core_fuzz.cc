#include "proxy/core/proxy_core.h"

#include <algorithm>
#include <deque>
#include <map>

#include "common/base/invariant.h"
#include "common/base/text.h"
#include "proxy/sip/sanity.h"
#include "proxy/store/memory_location_store.h"

using namespace proxy;
using namespace std::chrono_literals;
using sip::Message;
using transport::Kind;

namespace {

constexpr std::string_view kSeparator = "\n--\n";
constexpr std::string_view kCarrier = "203.0.113.5:5060";
constexpr std::string_view kStranger = "198.51.100.77:5060";
constexpr std::size_t kMostMessages = 64;  // that one message or timer may set off

common::SocketAddress address(std::string_view text) { return *common::SocketAddress::parse(text); }

transport::Flow udp(std::string_view remote) {
  transport::Flow flow;
  flow.local = address("198.51.100.1:5060");
  flow.remote = address(remote);
  return flow;
}

transport::Flow wss(std::uint64_t connection) {
  transport::Flow flow{Kind::Wss, {1}, {connection}, address("198.51.100.1:8443"), address("192.0.2.200:40000")};
  return flow;
}

/// What has left the proxy: every message of it is sane SIP.
class Wire final : public transport::Sender {
 public:
  void send(const transport::Flow& flow, std::string bytes, std::uint64_t) override {
    const bool udp = flow.kind == Kind::Udp;
    take(udp ? flow.remote.to_string() : std::to_string(flow.connection.value), bytes);
  }
  void send_to(const transport::Destination& destination, std::string bytes, std::uint64_t) override {
    take(destination.remote.to_string(), bytes);
  }
  bool is_open(const transport::Flow&) const override { return true; }
  bool peer_is(transport::ConnectionId, std::string_view) const override { return false; }
  void close(transport::ConnectionId) override {}

  std::map<std::string, Message, std::less<>> last_request;  // by place
  std::string last_record_route;
  std::size_t messages = 0;
  std::size_t requests = 0;

 private:
  void take(const std::string& place, std::string_view bytes) {
    auto message = Message::parse(bytes);
    INVARIANT(message && !sip::check(*message), "what leaves the proxy is sane SIP");
    ++messages;
    if (message->has("Record-Route")) last_record_route = message->get("Record-Route");
    if (!message->is_request()) return;
    ++requests;
    last_request.insert_or_assign(place, std::move(*message));
  }
};

/// Answers an offer or answer with an SDP, later.
class Relays final : public media::RelayControl {
 public:
  std::vector<media::RelayIndex> order_for(std::string_view) const override { return {0, 1}; }
  std::uint16_t boot(media::RelayIndex) const override { return 7; }
  void ask(media::RelayIndex, const ng::Request&, Done done) override { waiting_.push_back(std::move(done)); }
  bool answer() {
    if (waiting_.empty()) return false;
    const Done done = std::move(waiting_.front());
    waiting_.pop_front();
    ng::Reply reply;
    reply.body["sdp"] = "v=0\r\n";
    done(std::move(reply));
    return true;
  }

 private:
  std::deque<Done> waiting_;
};

core::Administration administration() {
  trunk::Trunk carrier;
  carrier.name = "carrier";
  carrier.host = "203.0.113.5";
  routing::Route route;
  route.name = "outside";
  route.trunks = {"carrier"};
  return {auth::UserTable{{{"alice", {"unguessable", {}, {}}}}}, trunk::TrunkTable{{carrier}},
          routing::Router{{}, {route}}};
}

/// A proxy with a trunk, and with a browser of alice at connection 1.
class Proxy {
 public:
  Proxy() {
    store_.load("sip:alice@example.org", now_, [&](auto record) {
      store::Binding binding;
      binding.contact = "sip:alice@192.0.2.200;transport=ws";
      binding.flow = wss(1);
      binding.flow_id = "AAECAwQFBgcICQoL";
      binding.expires_at = now_ + 1h;
      store_.replace("sip:alice@example.org", record->revision, {binding}, [](auto) {});
    });
  }

  void play(std::string_view part) {
    const std::string_view line = common::take_until(part, '\n');
    const auto words = common::split(line, ' ');
    if (words[0] == "wait" && words.size() > 1) wait(common::parse_number<std::uint16_t>(words[1]).value_or(0));
    if (words[0] == "closed") core_.on_connection_closed(wss(1)), settle();
    if (words[0] == "teardown") INVARIANT(!core_.on_teardown(part), "nobody can forge a blob");
    if (words[0] == "in" && words.size() > 1) receive(words[1], part);
    if (words[0] == "re" && words.size() > 2) respond(words[1], common::parse_number<int>(words[2]).value_or(0), part);
  }

 private:
  static transport::Flow flow_of(std::string_view who) {
    if (who == "alice") return wss(1);
    return udp(who == "carrier" ? kCarrier : kStranger);
  }

  void receive(std::string_view who, std::string_view text) {
    std::string bytes(text);
    if (const auto at = bytes.find("@RR@"); at != std::string::npos) bytes.replace(at, 4, wire_.last_record_route);
    const auto message = Message::parse(bytes);
    if (!message || sip::check(*message)) return;
    const std::size_t requests = wire_.requests;
    arrive(*message, flow_of(who));
    const bool may_forward = (who == "alice" || who == "carrier") || !message->is_request() || message->is("CANCEL");
    INVARIANT(may_forward || wire_.requests == requests, "no stranger's request is forwarded");
  }

  /// The place answers what it was asked last.
  void respond(std::string_view who, int status, std::string_view sdp) {
    const auto asked = wire_.last_request.find(who == "alice" ? "1" : kCarrier);
    if (asked == wire_.last_request.end() || status < 100 || status > 699) return;
    Message response = Message::response_to(asked->second, status, "Reason", "tag");
    for (const std::string& value : asked->second.all("Record-Route")) response.append("Record-Route", value);
    response.append("Contact", "<sip:x@192.0.2.9>");
    if (status == 401 || status == 407)
      response.append(status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate", "Digest realm=\"x\", nonce=\"y\"");
    if (!sdp.empty()) response.set_body(std::string(sdp), "application/sdp");
    if (!sip::check(response)) arrive(response, flow_of(who));
  }

  void arrive(const Message& message, const transport::Flow& flow) {
    const std::size_t before = wire_.messages;
    if (message.is_request()) {
      table_.on_request(message, flow, now_);
    } else {
      table_.on_response(message, flow, now_);
    }
    settle();
    INVARIANT(wire_.messages - before <= kMostMessages, "one message does not become many");
  }

  void wait(std::uint16_t ms) {
    const auto end = now_ + std::chrono::milliseconds{ms};
    for (int steps = 0; steps < 1000; ++steps) {
      const auto next = transaction::earliest(table_.next_timeout(), core_.next_timeout());
      now_ = next && *next < end ? std::max(now_, *next) : end;
      table_.on_timeout(now_);
      core_.on_timeout(now_);
      settle();
      if (!next || *next >= end) return;
    }
    INVARIANT(false, "timers come to an end");
  }

  void settle() {
    do {
      while (auto event = table_.poll_event()) {
        if (auto* out = std::get_if<transaction::event::Transmit>(&*event)) {
          transaction::transmit(std::move(*out), wire_);
        } else {
          core_.on_event(std::move(*event));
        }
      }
    } while (relays_.answer());
  }

  common::Instant now_{1s};
  common::crypto::SeededRandom random_{1};
  core::Settings settings_;
  core::Listeners listeners_{{"example.org"},
                             {{Kind::Udp, address("198.51.100.1:5060"), address("198.51.100.1:5060")},
                              {Kind::Wss, address("198.51.100.1:8443"), address("198.51.100.1:8443")}}};
  core::Administration administration_ = administration();
  core::Keys keys_{core::Sealer{core::Sealer::derive(common::as_bytes("secret"))}, common::Bytes(32, 1)};
  transaction::Table table_;
  Wire wire_;
  store::MemoryLocationStore store_;
  registrar::Registrar registrar_{{}, store_};
  auth::Authenticator authenticator_{{.realm = "example.org"},
                                     common::Bytes(32, 3),
                                     [this](auto user, auto) { return administration_.users.find(user); },
                                     random_};
  Relays relays_;
  trunk::Health trunk_health_;
  core::ProxyCore core_{core::Services{
      .settings = settings_,
      .listeners = listeners_,
      .administration = administration_,
      .keys = keys_,
      .table = table_,
      .sender = wire_,
      .store = store_,
      .registrar = registrar_,
      .authenticator = authenticator_,
      .relays = relays_,
      .trunk_health = trunk_health_,
      .random = random_,
      .locate =
          [](const next_hop::Wanted& wanted, std::uint64_t seed, const dns::Done<next_hop::Candidates>& done) {
            done(next_hop::Location{wanted, {transport::Kind::Udp}, seed}.candidates());
          },
      .hand_over = {},
      .now = [this] { return now_; },
      .wall = [] { return common::WallTime{1'764'000'000s}; }}};
};

}  // namespace

/// A play in parts, `--` on a line of its own between them; the first line of a part says what happens: `in WHO` (a
/// message follows, `@RR@` stands for the Record-Route that the proxy wrote last), `re WHO STATUS` (who was asked last
/// answers; an SDP may follow), `wait MS`, `closed`, `teardown`. WHO is carrier (a trunk), alice (a browser) or
/// stranger.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view play = common::as_text({data, size});
  Proxy proxy;
  for (int parts = 0; !play.empty() && parts < 32; ++parts) {
    const auto at = play.find(kSeparator);
    proxy.play(play.substr(0, at));
    play.remove_prefix(at == std::string_view::npos ? play.size() : at + kSeparator.size());
  }
  return 0;
}
