#include "relay/dtls/datagram_bio.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"
#include "relay/dtls/certificate.h"
#include "relay/dtls/contexts.h"
#include "relay/dtls/role.h"

namespace relay::dtls {
namespace {

using namespace std::chrono_literals;
using common::Bytes;

std::shared_ptr<const Certificate> certificate() {
  common::crypto::SystemRandom random;
  static const auto made = Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
  return made;
}

struct FreeSsl {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};

/// An SSL of one role on a BIO of ours.
struct End {
  explicit End(Role role)
      : bio(400ms),
        ssl(SSL_new(role == Role::Active ? certificate()->contexts().active.get()
                                         : certificate()->contexts().passive.get())) {
    REQUIRE(bio.attach(ssl.get()));
    SSL_set_mtu(ssl.get(), 1200);
    if (role == Role::Active) {
      SSL_set_connect_state(ssl.get());
    } else {
      SSL_set_accept_state(ssl.get());
    }
  }

  /// Goes on with the handshake; true when it is through.
  bool shake(common::Instant now) {
    bio.set_now(now);
    return SSL_do_handshake(ssl.get()) == 1;
  }
  std::vector<Bytes> sent() {
    std::vector<Bytes> all;
    while (auto datagram = bio.take_outgoing()) all.push_back(std::move(*datagram));
    return all;
  }
  bool take(const Bytes& datagram, common::Instant now) {
    bio.offer(datagram);
    const bool through = shake(now);
    bio.withdraw();
    return through;
  }
  int read(std::uint8_t* out, int size) const { return BIO_read(SSL_get_rbio(ssl.get()), out, size); }

  DatagramBio bio;  // outlives the SSL
  std::unique_ptr<SSL, FreeSsl> ssl;
};

}  // namespace

TEST_CASE("a handshake runs over datagrams that are handed from one side to the other", "[dtls]") {
  common::ManualClock clock;
  End client(Role::Active);
  End server(Role::Passive);
  bool client_through = client.shake(clock.now());
  bool server_through = false;
  for (int round = 0; round < 10 && !(client_through && server_through); ++round) {
    for (const Bytes& datagram : client.sent()) server_through = server.take(datagram, clock.now());
    for (const Bytes& datagram : server.sent()) client_through = client.take(datagram, clock.now());
  }
  CHECK(client_through);
  CHECK(server_through);
  CHECK_FALSE(client.bio.retransmission_at());
  CHECK_FALSE(server.bio.retransmission_at());
}

TEST_CASE("nothing is read without a datagram, and OpenSSL is told to try again", "[dtls]") {
  const End end(Role::Passive);
  std::uint8_t out[16];
  CHECK(end.read(out, sizeof out) == -1);
  CHECK(BIO_should_retry(SSL_get_rbio(end.ssl.get())));
  CHECK(BIO_should_read(SSL_get_rbio(end.ssl.get())));
}

TEST_CASE("a datagram is read once and as a whole: what finds no room is gone", "[dtls]") {
  End end(Role::Passive);
  const Bytes datagram{1, 2, 3, 4, 5};
  std::uint8_t out[3];
  end.bio.offer(datagram);
  REQUIRE(end.read(out, 3) == 3);
  CHECK(Bytes(out, out + 3) == Bytes{1, 2, 3});
  CHECK(end.read(out, 3) == -1);
}

TEST_CASE("a datagram that is withdrawn is not read any more", "[dtls]") {
  End end(Role::Passive);
  const Bytes datagram{1, 2, 3};
  std::uint8_t out[3];
  end.bio.offer(datagram);
  end.bio.withdraw();
  CHECK(end.read(out, 3) == -1);
}

TEST_CASE("every write is a datagram of its own, in order", "[dtls]") {
  End end(Role::Passive);
  BIO* const bio = SSL_get_wbio(end.ssl.get());
  const Bytes one{1, 2, 3};
  const Bytes two{4};
  CHECK(BIO_write(bio, one.data(), 3) == 3);
  CHECK(BIO_write(bio, two.data(), 1) == 1);
  CHECK(BIO_flush(bio) == 1);
  CHECK(end.sent() == std::vector<Bytes>{one, two});
  CHECK_FALSE(end.bio.take_outgoing());
}

TEST_CASE("a flight is due again after the first interval, then after twice that, up to six seconds",
          "[dtls][rfc6347]") {
  common::ManualClock clock;
  End client(Role::Active);
  CHECK_FALSE(client.bio.retransmission_at());
  client.shake(clock.now());
  REQUIRE(client.sent().size() == 1);
  std::vector<common::Duration> waits;
  for (int i = 0; i < 7; ++i) {
    REQUIRE(client.bio.retransmission_at());
    waits.push_back(*client.bio.retransmission_at() - clock.now());
    clock.advance_to(*client.bio.retransmission_at());
    client.bio.set_now(clock.now());
    client.bio.expire();
    REQUIRE(DTLSv1_handle_timeout(client.ssl.get()) == 1);
    CHECK(client.sent().size() == 1);
  }
  CHECK(waits == std::vector<common::Duration>{400ms, 800ms, 1600ms, 3200ms, 6s, 6s, 6s});
}

TEST_CASE("however much time passes on the system's clock, only ours lets a timer run out", "[dtls]") {
  common::ManualClock clock;
  End client(Role::Active);
  client.shake(clock.now());
  client.sent();
  CHECK(DTLSv1_handle_timeout(client.ssl.get()) == 0);  // not expired: nothing is sent
  CHECK(client.sent().empty());
  client.bio.expire();
  CHECK(DTLSv1_handle_timeout(client.ssl.get()) == 1);
  CHECK(client.sent().size() == 1);
}

TEST_CASE("before a handshake there is no timer that could expire", "[dtls]") {
  End client(Role::Active);
  client.bio.expire();
  CHECK(DTLSv1_handle_timeout(client.ssl.get()) == 0);
  CHECK(client.sent().empty());
}

}  // namespace relay::dtls
