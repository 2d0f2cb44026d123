#include "proxy/registrar/binding_update.h"

#include <catch2/catch.hpp>

using namespace proxy;
using namespace proxy::registrar;
using namespace std::chrono_literals;

namespace {

constexpr common::Instant kNow{1000s};

Contact contact(const std::string& user, std::optional<std::uint32_t> expires = std::nullopt) {
  Contact one;
  one.uri = "sip:" + user + "@host.invalid";
  one.user = user;
  one.expires = expires;
  return one;
}

/// A REGISTER of one Call-ID, and the bindings that are there before it.
struct Bench {
  Registrar::Settings settings{
      .min_expires = 60, .max_expires = 3600, .default_expires = 600, .max_bindings_per_aor = 3, .tenant = {}};
  RegisterRequest request;
  std::vector<store::Binding> bindings;

  Bench() {
    request.call_id = "call-1";
    request.cseq = 5;
  }
  BindingUpdate update() const {
    return {settings, request, [](const Contact& one) { return "flow-" + one.user; }, kNow};
  }
  /// A binding as the store keeps it.
  void bound(const std::string& user, const std::string& call_id, std::uint32_t cseq) {
    store::Binding binding;
    binding.contact = "sip:" + user + "@before.invalid";
    binding.flow_id = "flow-" + user;
    binding.call_id = call_id;
    binding.cseq = cseq;
    binding.generation = store::Generation{bindings.size() + 1};
    bindings.push_back(binding);
  }
  /// The contacts afterwards, or the status of the failure.
  std::vector<std::string> apply() const {
    const auto after = update().apply(bindings);
    if (!after) return {std::to_string(after.error().status) + ' ' + after.error().reason};
    std::vector<std::string> contacts;
    for (const auto& binding : *after) contacts.push_back(binding.contact);
    return contacts;
  }
  common::Duration lifetime() const { return update().apply(bindings).value().back().expires_at - kNow; }
};

using Contacts = std::vector<std::string>;

}  // namespace

TEST_CASE("a binding holds what the request says of its contact and of itself", "[registrar][rfc3261]") {
  Bench bench;
  Contact one = contact("a", 120);
  one.other_params = ";+sip.ice";
  one.instance = "<urn:uuid:1>";
  one.reg_id = 2;
  one.q_thousandths = 500;
  bench.request.contacts = {one};
  bench.request.path = {"<sip:edge.example;lr>"};
  bench.request.user_agent = "phone";
  bench.request.flow.connection = {7};
  const auto after = bench.update().apply({});
  REQUIRE(after);
  REQUIRE(after->size() == 1);
  const store::Binding& binding = after->front();
  CHECK(binding.contact == "sip:a@host.invalid");
  CHECK(binding.contact_params == ";+sip.ice");
  CHECK(binding.instance == "<urn:uuid:1>");
  CHECK(binding.reg_id == 2);
  CHECK(binding.q_thousandths == 500);
  CHECK(binding.call_id == "call-1");
  CHECK(binding.cseq == 5);
  CHECK(binding.flow_id == "flow-a");
  CHECK(binding.path == bench.request.path);
  CHECK(binding.user_agent == "phone");
  CHECK(binding.flow == bench.request.flow);
  CHECK(binding.expires_at == kNow + 120s);
  CHECK(binding.generation == store::Generation{});
}

TEST_CASE("a binding lasts as its contact wishes, else as the request does, else as usual", "[registrar][rfc3261]") {
  Bench bench;
  bench.request.contacts = {contact("a")};
  CHECK(bench.lifetime() == 600s);
  bench.request.expires = 300;
  CHECK(bench.lifetime() == 300s);
  bench.request.contacts = {contact("a", 90)};
  CHECK(bench.lifetime() == 90s);
}

TEST_CASE("the shortest allowed time is granted, a shorter one refused, a long one shortened", "[registrar][rfc3261]") {
  Bench bench;
  bench.request.contacts = {contact("a", 60)};
  CHECK(bench.lifetime() == 60s);
  bench.request.contacts = {contact("a", 3601)};
  CHECK(bench.lifetime() == 3600s);
  bench.request.contacts = {contact("a", 0xffffffff)};
  CHECK(bench.lifetime() == 3600s);
  bench.request.contacts = {contact("a", 59)};
  const auto refused = bench.update().apply({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 423);
  CHECK(refused.error().headers == std::vector<std::pair<std::string, std::string>>{{"Min-Expires", "60"}});
}

TEST_CASE("a contact takes the place of the binding of its flow and of no other", "[registrar]") {
  Bench bench;
  bench.bound("a", "call-1", 4);
  bench.bound("b", "call-1", 4);
  bench.request.contacts = {contact("a")};
  CHECK(bench.apply() == Contacts{"sip:b@before.invalid", "sip:a@host.invalid"});
}

TEST_CASE("a request without contacts leaves everything as it is", "[registrar][rfc3261]") {
  Bench bench;
  bench.bound("a", "call-1", 9);
  CHECK(bench.apply() == Contacts{"sip:a@before.invalid"});
}

TEST_CASE("no time at all removes a binding, also one that is not there", "[registrar][rfc3261]") {
  Bench bench;
  bench.bound("a", "call-1", 4);
  bench.bound("b", "call-1", 4);
  bench.request.contacts = {contact("a", 0), contact("c", 0)};
  CHECK(bench.apply() == Contacts{"sip:b@before.invalid"});
}

TEST_CASE("an old or repeated CSeq of the same Call-ID changes nothing", "[registrar][rfc3261]") {
  Bench bench;
  bench.bound("a", "call-1", 5);
  bench.request.contacts = {contact("a")};
  CHECK(bench.apply() == Contacts{"500 CSeq Out Of Order"});
  bench.request.contacts = {contact("a", 0)};
  CHECK(bench.apply() == Contacts{"500 CSeq Out Of Order"});
  bench.request.cseq = 6;
  CHECK(bench.apply().empty());
  bench.request.call_id = "call-2";
  bench.request.cseq = 1;
  CHECK(bench.apply().empty());
}

TEST_CASE("of two contacts of one flow in a request the last one counts, whatever its CSeq", "[registrar]") {
  Bench bench;
  Contact again = contact("a");
  again.uri = "sip:a@second.invalid";
  bench.request.contacts = {contact("a"), again};
  CHECK(bench.apply() == Contacts{"sip:a@second.invalid"});
}

TEST_CASE("an address has as many bindings as allowed, but one that is there may be renewed", "[registrar]") {
  Bench bench;
  for (const auto* user : {"a", "b", "c"}) bench.bound(user, "call-0", 1);
  bench.request.contacts = {contact("d")};
  CHECK(bench.apply() == Contacts{"403 Too Many Bindings"});
  bench.request.contacts = {contact("a")};
  CHECK(bench.apply().size() == 3);
  bench.request.contacts = {contact("a", 0), contact("d")};
  CHECK(bench.apply() == Contacts{"sip:b@before.invalid", "sip:c@before.invalid", "sip:d@host.invalid"});
}

TEST_CASE("a star removes every binding, if it stands alone and with Expires 0", "[registrar][rfc3261]") {
  Bench bench;
  bench.bound("a", "call-1", 4);
  bench.bound("b", "call-0", 9);
  Contact star;
  star.uri = "*";
  bench.request.contacts = {star};
  CHECK(bench.apply() == Contacts{"400 Wildcard Contact Needs Expires 0"});
  bench.request.expires = 60;
  CHECK(bench.apply() == Contacts{"400 Wildcard Contact Needs Expires 0"});
  bench.request.expires = 0;
  CHECK(bench.apply().empty());
  bench.request.contacts = {contact("a"), star};
  CHECK(bench.apply() == Contacts{"400 Wildcard Contact Needs Expires 0"});
  bench.request.contacts = {star};
  bench.request.cseq = 4;
  CHECK(bench.apply() == Contacts{"500 CSeq Out Of Order"});
}

TEST_CASE("outbound is what names both an instance and a flow", "[registrar][rfc5626]") {
  Bench bench;
  const auto is_outbound = [&](const std::string& instance, std::optional<std::uint32_t> reg_id) {
    Contact one = contact("a");
    one.instance = instance;
    one.reg_id = reg_id;
    bench.request.contacts = {contact("b"), one};
    return bench.update().is_outbound();
  };
  CHECK(is_outbound("<urn:uuid:1>", 1));
  CHECK_FALSE(is_outbound("<urn:uuid:1>", 0));
  CHECK_FALSE(is_outbound("<urn:uuid:1>", std::nullopt));
  CHECK_FALSE(is_outbound("", 1));
}
