#include "proxy/redis/binding_text.h"

#include <catch2/catch.hpp>
#include <string>

using namespace std::chrono_literals;
using proxy::redis::Frame;
using proxy::redis::read_bindings;
using proxy::redis::to_text;
using proxy::store::Binding;
using proxy::transport::ProcessId;

namespace {

constexpr ProcessId kHere{1001};
constexpr ProcessId kThere{2002};

/// Two nodes whose monotonic clocks have nothing in common.
Frame frame_here() { return {common::Instant{1000s}, common::WallTime{1'800'000'000s}, kHere}; }
Frame frame_there() { return {common::Instant{77s}, common::WallTime{1'800'000'000s}, kThere}; }

Binding sample() {
  Binding binding;
  binding.contact = "sip:alice@192.0.2.9:5060;transport=ws";
  binding.contact_params = ";foo=\"b\\\"ar\"";
  binding.instance = "<urn:uuid:1>";
  binding.reg_id = 2;
  binding.q_thousandths = 700;
  binding.call_id = "call@example";
  binding.cseq = 4'000'000'000;
  binding.flow_id = "abcdefghijklmnop";
  binding.path = {"<sip:edge.example;lr>", "<sip:inner.example;lr>"};
  binding.user_agent = "a \"phone\"\n";
  binding.flow = {proxy::transport::Kind::Wss,
                  {3},
                  {9'000'000'000'000'000'000u},
                  *common::SocketAddress::parse("[2001:db8::1]:443"),
                  *common::SocketAddress::parse("192.0.2.9:40000")};
  binding.expires_at = common::Instant{1000s} + 90s;
  binding.generation = {1'800'000'000'123u};
  return binding;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("what one node writes another one reads, in its own time", "[redis]") {
  const auto read = read_bindings(to_text({sample(), Binding{sample()}}, frame_here()), frame_there());
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  const Binding& binding = read->front();
  CHECK(binding.contact == sample().contact);
  CHECK(binding.contact_params == sample().contact_params);
  CHECK(binding.instance == sample().instance);
  CHECK(binding.reg_id == sample().reg_id);
  CHECK(binding.q_thousandths == sample().q_thousandths);
  CHECK(binding.call_id == sample().call_id);
  CHECK(binding.cseq == sample().cseq);
  CHECK(binding.flow_id == sample().flow_id);
  CHECK(binding.path == sample().path);
  CHECK(binding.user_agent == sample().user_agent);
  CHECK(binding.generation == sample().generation);
  CHECK(binding.expires_at == common::Instant{77s} + 90s);
  CHECK(binding.flow.process == kHere);
  CHECK(binding.flow.kind == sample().flow.kind);
  CHECK(binding.flow.listener == sample().flow.listener);
  CHECK(binding.flow.connection == sample().flow.connection);
  CHECK(binding.flow.local == sample().flow.local);
  CHECK(binding.flow.remote == sample().flow.remote);
}

TEST_CASE("a flow of this process comes back as such, another's stays another's", "[redis]") {
  const auto own = read_bindings(to_text({sample()}, frame_here()), frame_here());
  REQUIRE(own);
  CHECK(own->front().flow.process == ProcessId{});
  const auto back = read_bindings(
      to_text(*read_bindings(to_text({sample()}, frame_here()), frame_there()), frame_there()), frame_here());
  CHECK(back->front().flow.process == ProcessId{});
}

TEST_CASE("no bindings are a text too", "[redis]") {
  CHECK(to_text({}, frame_here()) == "[]");
  CHECK(read_bindings("[]", frame_here())->empty());
}

TEST_CASE("a text that is none of ours is refused whole", "[redis]") {
  const std::string good = to_text({sample()}, frame_here());
  CHECK_FALSE(read_bindings("", frame_here()));
  CHECK_FALSE(read_bindings("{}", frame_here()));
  CHECK_FALSE(read_bindings("[1]", frame_here()));
  CHECK_FALSE(read_bindings(good.substr(0, good.size() - 1), frame_here()));
  CHECK_FALSE(read_bindings(replaced(good, "\"wss\"", "\"sctp\""), frame_here()));
  CHECK_FALSE(read_bindings(replaced(good, "\"listener\":3", "\"listener\":70000"), frame_here()));
  CHECK_FALSE(read_bindings(replaced(good, "\"reg_id\":2", "\"reg_id\":-2"), frame_here()));
  CHECK_FALSE(read_bindings(replaced(good, "\"reg_id\":2", "\"reg_id\":\"2\""), frame_here()));
  CHECK_FALSE(read_bindings(replaced(good, "192.0.2.9:40000", "example:40000"), frame_here()));
  CHECK_FALSE(read_bindings(replaced(good, "<urn:uuid:1>", std::string(5000, 'x')), frame_here()));
  CHECK_FALSE(read_bindings(replaced(good, "\"cseq\"", "\"csek\""), frame_here()));
}

TEST_CASE("an expiry beyond all reason does not overflow", "[redis]") {
  const std::string good = to_text({sample()}, frame_here());
  const auto at = good.find("\"expires\":") + 10;
  const auto end = good.find_first_of(",}", at);
  const auto read = read_bindings(good.substr(0, at) + "18446744073709551615" + good.substr(end), frame_here());
  REQUIRE(read);
  CHECK(read->front().expires_at > frame_here().now);
}
