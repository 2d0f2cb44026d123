#include "proxy/registrar/register_request.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"

using namespace proxy::registrar;

namespace {

proxy::sip::Message register_with(std::initializer_list<const char*> contacts) {
  auto message = tests::sip_request("REGISTER");
  for (const char* contact : contacts) message.append("Contact", contact);
  return message;
}

RegisterRequest read(const proxy::sip::Message& message) {
  return read_register(message, "sip:bob@example.org", {}).value();
}

}  // namespace

TEST_CASE("contacts are read with what RFC 5626 and RFC 3261 hang on them", "[registrar][rfc5626]") {
  auto message = register_with(
      {"\"B\" "
       "<sip:bob%41@192.0.2.4;transport=tcp>;expires=60;q=0.25;reg-id=1;+sip.instance=\"<urn:uuid:1>\";+sip.ice"});
  message.append("Expires", "300");
  message.append("Supported", "path, outbound");
  message.append("Path", "<sip:edge.example;lr;ob>");
  message.append("User-Agent", "phone");
  const RegisterRequest request = read(message);
  REQUIRE(request.contacts.size() == 1);
  const Contact& contact = request.contacts[0];
  CHECK(contact.uri == "sip:bob%41@192.0.2.4;transport=tcp");
  CHECK(contact.user == "bobA");
  CHECK(contact.instance == "<urn:uuid:1>");
  CHECK(contact.reg_id == 1);
  CHECK(contact.expires == 60);
  CHECK(contact.q_thousandths == 250);
  CHECK(contact.other_params == ";+sip.ice");
  CHECK(request.expires == 300);
  CHECK(request.cseq == 7);
  CHECK(request.supports_path);
  CHECK(request.supports_outbound);
  CHECK(request.first_hop);
  CHECK(request.path == std::vector<std::string>{"<sip:edge.example;lr;ob>"});
}

TEST_CASE("a star removes all, odd q values are bounded, garbage is refused", "[registrar][rfc3261]") {
  CHECK(read(register_with({"*"})).contacts[0].uri == "*");
  CHECK(read(register_with({"<sip:a@b>;q=1.0"})).contacts[0].q_thousandths == 1000);
  CHECK(read(register_with({"<sip:a@b>;q=0"})).contacts[0].q_thousandths == 0);
  CHECK(read(register_with({"<sip:a@b>;q=.5"})).contacts[0].q_thousandths == 500);
  CHECK_FALSE(read_register(register_with({"<tel:+49>"}), "", {}));
  CHECK_FALSE(read_register(register_with({"<sip:>"}), "", {}));
}
