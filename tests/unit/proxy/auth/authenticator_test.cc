#include "proxy/auth/authenticator.h"

#include <catch2/catch.hpp>

#include "proxy/auth/client.h"
#include "proxy/auth/user_table.h"

using namespace proxy::auth;
using namespace std::chrono_literals;

namespace {

struct Bench {
  common::crypto::SeededRandom random{7};
  UserTable users{
      {{"alice", {.password = "wonderland", .ha1_md5 = {}, .ha1_sha256 = {}}},
       {"bob", {.password = {}, .ha1_md5 = ha1(Algorithm::Md5, "bob", "example.org", "builder"), .ha1_sha256 = {}}}}};
  Authenticator::Settings settings{.realm = "example.org", .md5_only_agents = {"old phone 1."}};
  Authenticator authenticator{settings, common::Bytes(32, 1),
                              [this](std::string_view name, std::string_view) { return users.find(name); }, random};
  common::WallTime now{1'700'000'000'000ms};
  std::string uri = "sip:example.org";
  std::string call_id = "call-1";
  common::IpAddress source = common::IpAddress::v4({192, 0, 2, 1});

  bool websocket = false;
  std::string user_agent = "test";
  RequestFacts facts(std::string_view method = "REGISTER") {
    return {method, uri, call_id, source, user_agent, websocket};
  }
  AuthVerdict check(std::vector<std::string> values, std::string_view method = "REGISTER") {
    return authenticator.check(facts(method), values, now);
  }
  std::vector<std::string> challenges() { return std::get<Challenged>(check({})).values; }
  std::string answer(std::vector<std::string> values, std::string user, std::string password) {
    return answer_challenge(values, "REGISTER", uri, {user, password, ""}, random).value();
  }
};

Challenged::Why why(const AuthVerdict& verdict) { return std::get<Challenged>(verdict).why; }
bool stale(const AuthVerdict& verdict) { return parse_challenge(std::get<Challenged>(verdict).values.front())->stale; }

}  // namespace

TEST_CASE("a request without credentials is challenged with MD5 first, then SHA-256", "[auth]") {
  Bench bench;
  const auto values = bench.challenges();
  REQUIRE(values.size() == 2);
  CHECK(parse_challenge(values[0])->algorithm == Algorithm::Md5);
  CHECK(parse_challenge(values[1])->algorithm == Algorithm::Sha256);
  CHECK_FALSE(parse_challenge(values[0])->stale);
}

TEST_CASE("a user agent that gives up at unknown algorithms gets the MD5 challenge alone", "[auth][rfc8760]") {
  Bench bench;
  bench.user_agent = "old phone 1.7";
  const auto values = bench.challenges();
  REQUIRE(values.size() == 1);
  CHECK(parse_challenge(values[0])->algorithm == Algorithm::Md5);
  bench.user_agent = "old phone 2.0";
  CHECK(bench.challenges().size() == 2);
}

TEST_CASE("a right password passes with either algorithm, a stored HA1 with its own", "[auth]") {
  Bench bench;
  const auto md5 = bench.answer({bench.challenges()[0]}, "alice", "wonderland");
  CHECK(std::get<Accepted>(bench.check({md5})).username == "alice");
  const auto sha = bench.answer({bench.challenges()[1]}, "alice", "wonderland");
  CHECK(std::holds_alternative<Accepted>(bench.check({sha})));
  const auto stored = bench.answer({bench.challenges()[0]}, "bob", "builder");
  CHECK(std::holds_alternative<Accepted>(bench.check({stored})));
  const auto other = bench.answer({bench.challenges()[1]}, "bob", "builder");
  CHECK(why(bench.check({other})) == Challenged::Why::WrongCredentials);
}

TEST_CASE("a wrong password and an unknown user get the same answer", "[auth]") {
  Bench bench;
  const auto wrong = bench.check({bench.answer({bench.challenges()[0]}, "alice", "x")});
  const auto unknown = bench.check({bench.answer({bench.challenges()[0]}, "mallory", "x")});
  CHECK(why(wrong) == why(unknown));
  CHECK_FALSE(stale(wrong));
  CHECK_FALSE(stale(unknown));
  CHECK(std::get<Challenged>(wrong).values.front().size() == std::get<Challenged>(unknown).values.front().size());
}

TEST_CASE("an expired nonce with the right password is stale, with the wrong one it is not", "[auth]") {
  Bench bench;
  const auto challenges = bench.challenges();
  const auto right = bench.answer({challenges[0]}, "alice", "wonderland");
  const auto wrong = bench.answer({challenges[0]}, "alice", "x");
  bench.now += 301s;
  CHECK(stale(bench.check({right})));
  CHECK_FALSE(stale(bench.check({wrong})));
}

TEST_CASE("a nonce is good only for its method, Call-ID and source", "[auth]") {
  Bench bench;
  const auto value = bench.answer({bench.challenges()[0]}, "alice", "wonderland");
  bench.call_id = "call-2";
  CHECK(stale(bench.check({value})));
  bench.call_id = "call-1";
  bench.source = common::IpAddress::v4({192, 0, 2, 2});
  CHECK(stale(bench.check({value})));
  bench.source = common::IpAddress::v4({192, 0, 2, 1});
  CHECK(why(bench.check({value}, "INVITE")) == Challenged::Why::WrongCredentials);
  CHECK(std::holds_alternative<Accepted>(bench.check({value})));
}

TEST_CASE("a nonce count works once; the next one works", "[auth]") {
  Bench bench;
  const auto challenge = parse_challenge(bench.challenges()[0]);
  Credentials c;
  c.username = "alice";
  c.realm = challenge->realm;
  c.nonce = challenge->nonce;
  c.uri = bench.uri;
  c.algorithm = "MD5";
  c.qop = "auth";
  c.cnonce = "c";
  const auto with_count = [&](std::string nc) {
    c.nc = nc;
    c.response =
        digest_response(Algorithm::Md5, ha1(Algorithm::Md5, "alice", "example.org", "wonderland"), "REGISTER", c);
    return c.to_string();
  };
  CHECK(std::holds_alternative<Accepted>(bench.check({with_count("00000001")})));
  CHECK(stale(bench.check({with_count("00000001")})));
  CHECK(std::holds_alternative<Accepted>(bench.check({with_count("00000002")})));
  CHECK(stale(bench.check({with_count("00000000")})));
  CHECK(std::holds_alternative<Refused>(bench.check({with_count("3")})));
}

TEST_CASE("an invented nonce never passes", "[auth]") {
  Bench bench;
  const std::vector<std::string> invented{"Digest realm=\"example.org\", nonce=\"" + std::string(43, 'A') +
                                          "\", qop=\"auth\""};
  CHECK(stale(bench.check({bench.answer(invented, "alice", "wonderland")})));
}

TEST_CASE("credentials without qop or malformed are refused; for another realm ignored", "[auth]") {
  Bench bench;
  auto c = parse_credentials(bench.answer({bench.challenges()[0]}, "alice", "wonderland")).value();
  auto changed = c;
  changed.qop.clear();
  CHECK(std::holds_alternative<Refused>(bench.check({changed.to_string()})));
  CHECK(std::holds_alternative<Refused>(bench.check({"Digest username=\"a"})));
  changed = c;
  changed.realm = "elsewhere";
  CHECK(why(bench.check({changed.to_string()})) == Challenged::Why::NoCredentials);
  CHECK(std::holds_alternative<Accepted>(bench.check({changed.to_string(), "Basic x", c.to_string()})));
}

TEST_CASE("a browser gets the MD5 challenge last: its user agents keep only the last one", "[auth][rfc8760]") {
  Bench bench;
  bench.websocket = true;
  const auto values = bench.challenges();
  REQUIRE(values.size() == 2);
  CHECK(parse_challenge(values[0])->algorithm == Algorithm::Sha256);
  CHECK(parse_challenge(values[1])->algorithm == Algorithm::Md5);
}

TEST_CASE("the digest may be made for another URI than the Request-URI, as some user agents do", "[auth][rfc3261]") {
  Bench bench;
  const std::vector challenges{bench.challenges()[0]};
  const auto elsewhere =
      answer_challenge(challenges, "REGISTER", "sip:192.0.2.1:5060", {"alice", "wonderland", ""}, bench.random).value();
  CHECK(std::holds_alternative<Accepted>(bench.check({elsewhere})));
  auto changed = parse_credentials(elsewhere).value();
  changed.uri = "sip:other";
  CHECK(why(bench.check({changed.to_string()})) == Challenged::Why::WrongCredentials);
}
