#include "proxy/dns/resolver.h"

#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "common/net/fd.h"
#include "tests/support/dns_message.h"

using namespace proxy::dns;
using namespace std::chrono_literals;

namespace {

/// A name server on loopback that knows `trunk.test` (A and AAAA, SRV and NAPTR) and nothing else.
class NameServer {
 public:
  explicit NameServer(event_base* loop) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_storage storage{};
    const auto any = common::SocketAddress::parse("127.0.0.1:0").value();
    const socklen_t length = any.to_sockaddr(storage);
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&storage), length) == 0);
    event_ = event_new(loop, socket_.get(), EV_READ | EV_PERSIST, &NameServer::on_query, this);
    event_add(event_, nullptr);
  }
  ~NameServer() { event_free(event_); }

  common::SocketAddress address() const {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&storage), &length);
    return common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
  }

  int queries = 0;
  bool silent = false;
  std::uint32_t ttl = 300;

 private:
  static void on_query(evutil_socket_t fd, short, void* context) {
    auto* self = static_cast<NameServer*>(context);
    std::uint8_t query[512];
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    const auto size = ::recvfrom(fd, query, sizeof query, 0, reinterpret_cast<sockaddr*>(&peer), &length);
    if (size < 17) return;
    ++self->queries;
    if (self->silent) return;
    const auto reply = self->answer({query, static_cast<std::size_t>(size)});
    ::sendto(fd, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&peer), length);
  }

  common::Bytes answer(common::ByteSpan query) const {
    std::size_t end = 12;
    std::string name;
    while (end < query.size() && query[end] != 0) {
      name += (name.empty() ? "" : ".") + std::string{common::as_text(query.subspan(end + 1, query[end]))};
      end += query[end] + 1U;
    }
    const auto type = common::ByteReader{query.subspan(end + 1)}.u16();
    const bool known = name.ends_with("trunk.test");
    test::DnsResponse response{name, type, static_cast<std::uint8_t>(known ? 0 : 3)};
    if (!known)
      response.soa("test", 1, 1);
    else if (type == test::kTypeSrv)
      response.srv(name, ttl, 10, 5, 5070, "trunk.test");
    else if (type == test::kTypeNaptr)
      response.naptr(name, 10, "s", "SIP+D2T", "_sip._tcp.trunk.test");
    else
      response.answer(name, type, ttl,
                      common::IpAddress::parse(type == test::kTypeA ? "192.0.2.7" : "2001:db8::7")->octets());
    return response.bytes(common::ByteReader{query}.u16());
  }

  common::Fd socket_;
  event* event_ = nullptr;
};

struct Bench {
  std::unique_ptr<event_base, decltype(&event_base_free)> owned_loop{event_base_new(), &event_base_free};
  event_base* loop = owned_loop.get();
  NameServer server{loop};
  std::unique_ptr<Resolver> resolver;

  explicit Bench(common::Duration timeout = 200ms) {
    Resolver::Settings settings;
    settings.servers = {server.address()};
    settings.timeout = timeout;
    settings.tries = 1;
    resolver = std::make_unique<Resolver>(loop, settings);
  }
  Outcome<Addresses> lookup(const std::string& name) { return ask(&Resolver::lookup, name); }

  template <class Records>
  Outcome<Records> ask(void (Resolver::*method)(const std::string&, Done<Records>), const std::string& name) {
    std::optional<Outcome<Records>> answer;
    (resolver.get()->*method)(name, [&](auto result) { answer = std::move(result); });
    const auto deadline = std::chrono::steady_clock::now() + 3s;
    while (!answer && std::chrono::steady_clock::now() < deadline) {
      const timeval step{0, 50000};
      event_base_loopexit(loop, &step);
      event_base_loop(loop, EVLOOP_ONCE);
    }
    REQUIRE(answer);
    return *answer;
  }
};

Addresses addresses(std::initializer_list<const char*> texts) {
  Addresses out;
  for (const char* text : texts) out.push_back(*common::IpAddress::parse(text));
  return out;
}

}  // namespace

TEST_CASE("a name gives its IPv4 addresses, then its IPv6 addresses, and is asked for once per TTL", "[dns]") {
  Bench bench;
  CHECK(bench.lookup("trunk.test") == addresses({"192.0.2.7", "2001:db8::7"}));
  const int asked = bench.server.queries;
  CHECK(asked == 2);
  CHECK(bench.lookup("TRUNK.test") == addresses({"192.0.2.7", "2001:db8::7"}));
  CHECK(bench.server.queries == asked);
}

TEST_CASE("a literal address needs no server", "[dns]") {
  Bench bench;
  CHECK(bench.lookup("192.0.2.1") == addresses({"192.0.2.1"}));
  CHECK(bench.lookup("[2001:db8::1]") == addresses({"2001:db8::1"}));
  CHECK(bench.server.queries == 0);
}

TEST_CASE("an unknown name is NotFound, and remembered as such", "[dns]") {
  Bench bench;
  CHECK(bench.lookup("nobody.example").error() == DnsError::NotFound);
  const int asked = bench.server.queries;
  CHECK(bench.lookup("nobody.example").error() == DnsError::NotFound);
  CHECK(bench.server.queries == asked);
}

TEST_CASE("a silent server is a Timeout that is not remembered", "[dns]") {
  Bench bench;
  bench.server.silent = true;
  CHECK(bench.lookup("trunk.test").error() == DnsError::Timeout);
  bench.server.silent = false;
  CHECK(bench.lookup("trunk.test"));
}

TEST_CASE("a hostile name never reaches the server", "[dns]") {
  Bench bench;
  for (const std::string& name : {std::string{}, std::string{"a b"}, std::string{"a\nb"}, std::string(300, 'a')}) {
    CHECK(bench.lookup(name).error() == DnsError::BadName);
  }
  CHECK(bench.server.queries == 0);
}

TEST_CASE("lookups that still run when the resolver goes away never complete", "[dns]") {
  Bench bench;
  bench.server.silent = true;
  bool completed = false;
  bench.resolver->lookup("trunk.test", [&](auto) { completed = true; });
  bench.resolver.reset();
  CHECK_FALSE(completed);
}

TEST_CASE("SRV and NAPTR records come with their own TTL", "[dns]") {
  Bench bench;
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.trunk.test") == SrvRecords{{10, 5, 5070, "trunk.test"}});
  CHECK(bench.ask(&Resolver::naptr, "trunk.test") ==
        NaptrRecords{{10, 50, "s", "sip+d2t", "", "_sip._tcp.trunk.test"}});
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.trunk.test"));
  CHECK(bench.server.queries == 2);
}

TEST_CASE("absence is remembered for as long as the zone says and no longer", "[dns]") {
  Bench bench;
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.nobody.example").error() == DnsError::NotFound);
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.nobody.example").error() == DnsError::NotFound);
  CHECK(bench.server.queries == 1);
  std::this_thread::sleep_for(1100ms);
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.nobody.example").error() == DnsError::NotFound);
  CHECK(bench.server.queries == 2);
}

TEST_CASE("nobody waits long for a silent server while what it said last serves", "[dns]") {
  Bench bench{2s};
  bench.server.ttl = 0;
  CHECK(bench.lookup("trunk.test"));
  bench.server.silent = true;
  const auto begun = std::chrono::steady_clock::now();
  CHECK(bench.lookup("trunk.test"));
  CHECK(std::chrono::steady_clock::now() - begun >= 390ms);
  CHECK(std::chrono::steady_clock::now() - begun < 1500ms);
}

TEST_CASE("while servers are silent what they said last still serves", "[dns]") {
  Bench bench;
  bench.server.ttl = 0;
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.trunk.test"));
  CHECK(bench.lookup("trunk.test"));
  bench.server.silent = true;
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.trunk.test") == SrvRecords{{10, 5, 5070, "trunk.test"}});
  CHECK(bench.lookup("trunk.test"));
  const int asked = bench.server.queries;
  CHECK(bench.ask(&Resolver::srv, "_sip._udp.trunk.test"));
  CHECK(bench.server.queries == asked);
}
