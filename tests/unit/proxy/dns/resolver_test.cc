#include "proxy/dns/resolver.h"

#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/base/bytes.h"
#include "common/net/fd.h"
#include "proxy/dns/cache.h"

using namespace proxy::dns;
using namespace std::chrono_literals;

namespace {

/// A name server on loopback that knows `trunk.test` (A and AAAA) and nothing else.
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
    const auto reply = answer({query, static_cast<std::size_t>(size)});
    ::sendto(fd, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&peer), length);
  }

  static common::Bytes answer(common::ByteSpan query) {
    std::size_t end = 12;
    while (end < query.size() && query[end] != 0) end += query[end] + 1U;
    const common::ByteSpan question = query.subspan(12, end + 5 - 12);
    const bool known = question.size() > 6 && question[0] == 5 && question[1] == 't';
    const bool wants_v6 = question[question.size() - 3] == 28;
    common::ByteWriter out;
    out.bytes(query.first(2)).u16(known ? 0x8180 : 0x8183).u16(1).u16(known ? 1 : 0).u16(0).u16(0).bytes(question);
    if (!known) return out.take();
    const auto ip = common::IpAddress::parse(wants_v6 ? "2001:db8::7" : "192.0.2.7").value();
    out.u16(0xc00c).u16(wants_v6 ? 28 : 1).u16(1).u32(300);
    out.u16(static_cast<std::uint16_t>(ip.octets().size())).bytes(ip.octets());
    return out.take();
  }

  common::Fd socket_;
  event* event_ = nullptr;
};

struct Bench {
  std::unique_ptr<event_base, decltype(&event_base_free)> owned_loop{event_base_new(), &event_base_free};
  event_base* loop = owned_loop.get();
  NameServer server{loop};
  std::unique_ptr<Resolver> resolver;

  Bench() {
    Resolver::Settings settings;
    settings.servers = {server.address()};
    settings.timeout = 200ms;
    settings.tries = 1;
    resolver = std::make_unique<Resolver>(loop, settings);
  }
  Cache::Answer lookup(const std::string& name) {
    std::optional<Cache::Answer> answer;
    resolver->lookup(name, [&](auto result) { answer = std::move(result); });
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
