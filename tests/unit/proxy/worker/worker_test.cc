#include "proxy/worker/worker.h"

#include <catch2/catch.hpp>

#include "common/crypto/digest.h"
#include "proxy/auth/client.h"
#include "tests/support/core_scene.h"
#include "tests/support/socket_client.h"
#include "tests/support/udp_end.h"

using namespace proxy;
using namespace std::chrono_literals;
using sip::Message;
using test::UdpEnd;

namespace {

const auto kProxy = *common::SocketAddress::parse("127.77.10.1:0");
const auto kPhone = *common::SocketAddress::parse("127.77.10.2:0");
const auto kCarrier = *common::SocketAddress::parse("127.77.10.3:0");

transport::Settings transports() {
  transport::Settings settings;
  settings.listeners.resize(2);
  settings.listeners[0].bind = kProxy;
  settings.listeners[1].kind = transport::Kind::Tcp;
  settings.listeners[1].bind = kProxy;
  return settings;
}

core::Administration administration() {
  trunk::Trunk carrier;
  carrier.name = "carrier";
  carrier.host = kCarrier.ip.to_string();
  std::vector<auth::User> users{{"alice", {"alice-secret", {}, {}}}, {"bob", {"bob-secret", {}, {}}}};
  return {auth::UserTable{std::move(users)}, trunk::TrunkTable{{carrier}}, routing::Router{}};
}

/// A worker on sockets of a loop that the test turns, a phone and a carrier.
struct Scene {
  Scene() {
    auto opened = worker::Worker::open(loop, transports(), store, registrar,
                                       [this](worker::Worker& made) { return services_for(made); });
    REQUIRE(opened);
    worker = std::move(*opened);
  }

  core::Services services_for(worker::Worker& made) {
    std::vector<core::Listener> sockets;
    for (const std::uint16_t i : {std::uint16_t{0}, std::uint16_t{1}}) {
      const transport::ListenerId id{i};
      sockets.push_back({made.transports().kind(id), made.transports().local(id), made.transports().advertised(id)});
    }
    listeners.emplace(std::vector<std::string>{"example.org"}, sockets);
    return {.settings = settings,
            .listeners = *listeners,
            .administration = configured,
            .keys = keys,
            .table = made.table(),
            .sender = made.transports(),
            .store = store,
            .registrar = registrar,
            .authenticator = authenticator,
            .relays = relays,
            .trunk_health = trunk_health,
            .random = random,
            .locate = [](const next_hop::Wanted&, std::uint64_t,
                         const auto& done) { done(common::Err{dns::DnsError::NotFound}); },
            .hand_over = {},
            .now = [this] { return loop.now(); },
            .wall = [] { return common::WallTime{1'764'000'000'000ms}; }};
  }

  common::SocketAddress address(std::uint16_t listener = 0) const { return worker->transports().local({listener}); }
  bool wait(const std::function<bool()>& done) { return loop.run_until(done, 5s); }

  /// The next message that this end has not taken yet.
  Message take(UdpEnd& end) {
    std::size_t& at = &end == &phone ? phone_at : carrier_at;
    REQUIRE(wait([&] { return end.heard().size() > at; }));
    return Message::parse(end.heard()[at++]).value();
  }
  void bind_bob(const common::SocketAddress& remote) {
    store::Binding binding;
    binding.contact = "sip:bob@" + remote.to_string();
    binding.flow_id = "AAECAwQFBgcICQoL";
    binding.flow.local = address();
    binding.flow.remote = remote;
    binding.expires_at = loop.now() + 1h;
    store.replace("sip:bob@example.org", 0, {binding}, [](auto stored) { REQUIRE(*stored); });
  }

  common::event::Loop loop;
  trunk::Health trunk_health;
  store::MemoryLocationStore store;
  registrar::Registrar registrar{{}, store};
  common::crypto::SeededRandom random{1};
  core::Settings settings{.realm = "example.org", .teardown = {}, .boot = 1};
  core::Administration configured = administration();
  core::Keys keys{core::Sealer{core::Sealer::derive(common::as_bytes("secret"))},
                  common::crypto::derive_key(common::as_bytes("secret"), "branch")};
  auth::Authenticator authenticator{
      {.realm = "example.org"},
      common::Bytes(32, 1),
      [this](std::string_view user, std::string_view) { return configured.users.find(user); },
      random};
  tests::ScriptedRelays relays;
  std::optional<core::Listeners> listeners;
  UdpEnd phone{loop, kPhone};
  UdpEnd carrier{loop, kCarrier};
  std::size_t phone_at = 0;
  std::size_t carrier_at = 0;
  std::unique_ptr<worker::Worker> worker;
};

Message request(std::string_view method, std::string_view uri, const UdpEnd& from,
                std::string_view more_via = ";rport") {
  static unsigned branches = 0;
  Message message = Message::request(method, uri);
  message.append("Via", "SIP/2.0/UDP " + from.address().to_string() + std::string{more_via} + ";branch=z9hG4bK" +
                            std::to_string(++branches));
  message.append("Max-Forwards", "70");
  message.append("From", "<sip:+49@carrier.example>;tag=t");
  message.append("To", "<" + std::string{uri} + ">");
  message.append("Call-ID", "call-" + std::to_string(branches));
  message.append("CSeq", "1 " + std::string{method});
  message.append("Contact", "<sip:gw@" + from.address().to_string() + ">");
  return message;
}

Message options(const UdpEnd& from) { return request("OPTIONS", "sip:example.org", from); }

}  // namespace

TEST_CASE("a request is answered over the socket that it came to", "[worker]") {
  Scene scene;
  scene.phone.send(options(scene.phone).to_string(), scene.address());
  CHECK(scene.take(scene.phone).status() == 200);
}

TEST_CASE("bytes that cannot be parsed are answered by what is wrong, and counted by it", "[worker][rfc4475]") {
  Scene scene;
  std::string text = options(scene.phone).to_string();
  text.replace(text.find("SIP/2.0\r\n"), 7, "SIP/7.0");
  scene.phone.send(text, scene.address());
  CHECK(scene.take(scene.phone).status() == 505);
  scene.phone.send("GET / HTTP/1.1\r\n\r\n", scene.address());
  scene.phone.send(options(scene.phone).to_string(), scene.address());
  CHECK(scene.take(scene.phone).status() == 200);
  const auto& unparsable = scene.worker->counters().unparsable;
  CHECK(unparsable[static_cast<std::size_t>(sip::ParseError::BadVersion)] == 1);
  CHECK(unparsable[static_cast<std::size_t>(sip::ParseError::BadStartLine)] == 1);
  CHECK(scene.worker->counters().refused == 0);
}

TEST_CASE("a request with a fault is refused where its Via wants the answer", "[worker][rfc3261]") {
  Scene scene;
  UdpEnd listening{scene.loop, kPhone};
  Message without_call_id = request("OPTIONS", "sip:example.org", listening, "");
  without_call_id.remove("Call-ID");
  scene.phone.send(without_call_id.to_string(), scene.address());
  REQUIRE(scene.wait([&] { return !listening.heard().empty(); }));
  const auto refusal = Message::parse(listening.heard()[0]);
  REQUIRE(refusal);
  CHECK(refusal->status() == 400);
  CHECK(refusal->reason() == "Missing Mandatory Header Field");
  CHECK(scene.phone.heard().empty());
  CHECK(scene.worker->counters().refused == 1);
}

TEST_CASE("a response with a fault is dropped", "[worker]") {
  Scene scene;
  Message response = Message::response_to(options(scene.phone), 200, "OK", "t");
  response.remove("CSeq");
  scene.phone.send(response.to_string(), scene.address());
  scene.phone.send(options(scene.phone).to_string(), scene.address());
  CHECK(scene.take(scene.phone).status() == 200);
  CHECK(scene.phone.heard().size() == 1);
  CHECK(scene.worker->counters().dropped_responses == 1);
  CHECK(scene.worker->counters().refused == 0);
}

TEST_CASE("blanks keep a path open and are answered by nothing", "[worker]") {
  Scene scene;
  scene.phone.send(std::string_view{" \0", 2}, scene.address());
  CHECK(scene.wait([&] { return scene.worker->counters().keepalives == 1; }));
  scene.phone.send(options(scene.phone).to_string(), scene.address());
  CHECK(scene.take(scene.phone).status() == 200);
  CHECK(scene.phone.heard().size() == 1);
}

TEST_CASE("what is not answered is sent again when its time has come", "[worker][rfc3261]") {
  Scene scene;
  scene.bind_bob(scene.phone.address());
  scene.carrier.send(request("MESSAGE", "sip:bob@example.org", scene.carrier).to_string(), scene.address());
  const Message first = scene.take(scene.phone);
  CHECK(first.is("MESSAGE"));
  CHECK(scene.take(scene.phone).to_string() == first.to_string());
}

TEST_CASE("a callee that nobody listens for is a failure at once", "[worker][rfc3261]") {
  Scene scene;
  scene.bind_bob([&] { return UdpEnd{scene.loop, kPhone}.address(); }());
  scene.carrier.send(request("MESSAGE", "sip:bob@example.org", scene.carrier).to_string(), scene.address());
  CHECK(scene.take(scene.carrier).status() == 480);
}

TEST_CASE("a connection that is gone takes its bindings along", "[worker][rfc5626]") {
  Scene scene;
  test::TcpClient client{scene.loop, scene.address(1)};
  Message request = ::request("REGISTER", "sip:example.org", scene.phone);
  request.set("From", "<sip:alice@example.org>;tag=1");
  request.set("To", "<sip:alice@example.org>");
  client.send(request.to_string());
  REQUIRE(client.wait_for("\r\n\r\n"));
  const auto challenge = Message::parse(client.take());
  REQUIRE(challenge);
  REQUIRE(challenge->status() == 401);
  const auto value = auth::answer_challenge(challenge->all("WWW-Authenticate"), "REGISTER", "sip:example.org",
                                            {"alice", "alice-secret", {}}, scene.random);
  request.append("Authorization", value.value());
  request.set_cseq(2);
  request.set("Via", "SIP/2.0/TCP 127.77.10.2:5060;branch=z9hG4bKagain");
  client.send(request.to_string());
  REQUIRE(client.wait_for("SIP/2.0 200"));
  CHECK(scene.store.size() == 1);
  client.close();
  CHECK(scene.wait([&] { return scene.store.size() == 0; }));
  CHECK(scene.registrar.counters().dropped_with_connection == 1);
}

TEST_CASE("media that has ended ends its call at both ends, and a strange blob ends nothing", "[worker]") {
  Scene scene;
  CHECK_FALSE(scene.worker->on_teardown("forged"));
  core::TeardownBlob blob;
  blob.call_id = "call";
  const auto end = [](const UdpEnd& at, const std::string& party) {
    core::TeardownEnd one;
    one.peer.remote = at.address();
    one.party = party;
    one.target = "sip:someone@" + at.address().to_string();
    return one;
  };
  blob.caller = end(scene.phone, "<sip:alice@example.org>;tag=1");
  blob.callee = end(scene.carrier, "<sip:+49@carrier.example>;tag=2");
  CHECK(scene.worker->on_teardown(core::seal_teardown_blob(scene.keys.sealer, blob).value()));
  CHECK(scene.take(scene.phone).is("BYE"));
  CHECK(scene.take(scene.carrier).is("BYE"));
}

TEST_CASE("a worker that drains takes no new call and is busy with those that run", "[worker]") {
  Scene scene;
  scene.bind_bob(scene.phone.address());
  CHECK(scene.worker->busy() == 0);
  scene.carrier.send(request("INVITE", "sip:bob@example.org", scene.carrier).to_string(), scene.address());
  const Message rung = scene.take(scene.phone);
  CHECK(scene.take(scene.carrier).status() == 100);
  CHECK(scene.worker->busy() == 1);
  scene.worker->drain();
  scene.carrier.send(request("INVITE", "sip:bob@example.org", scene.carrier).to_string(), scene.address());
  CHECK(scene.take(scene.carrier).status() == 503);
  Message ok = Message::response_to(rung, 200, "OK", "callee");
  ok.append("Contact", "<sip:bob@" + scene.phone.address().to_string() + ">");
  scene.phone.send(ok.to_string(), scene.address());
  CHECK(scene.take(scene.carrier).status() == 200);
  CHECK(scene.worker->busy() == 0);
}

TEST_CASE("listeners that cannot be opened are named, and there is no worker", "[worker]") {
  Scene scene;
  transport::Settings taken = transports();
  taken.listeners[0].bind = scene.address();
  bool asked = false;
  const auto opened = worker::Worker::open(scene.loop, taken, scene.store, scene.registrar, [&](worker::Worker& made) {
    asked = true;
    return scene.services_for(made);
  });
  REQUIRE_FALSE(opened);
  REQUIRE(opened.error().size() == 1);
  CHECK(opened.error()[0].find(scene.address().to_string()) != std::string::npos);
  CHECK_FALSE(asked);
}
