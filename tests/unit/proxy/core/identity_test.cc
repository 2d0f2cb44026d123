#include "proxy/core/identity.h"

#include <catch2/catch.hpp>

using proxy::sip::Message;

TEST_CASE("an identity is withheld for the privacy type id alone", "[core][rfc3325]") {
  for (const auto& [privacy, withheld] :
       {std::pair{"id", true}, {"user; ID ;critical", true}, {"identity", false}, {"none", false}, {"", false}}) {
    Message message = Message::response(200, "OK");
    message.append("P-Asserted-Identity", "<tel:+49>");
    message.append("Privacy", privacy);
    proxy::core::withhold_identity(message);
    CHECK(message.has("P-Asserted-Identity") != withheld);
  }
}

TEST_CASE("no claim of an untrusted sender survives", "[core][rfc3325]") {
  Message message = Message::request("INVITE", "sip:a@b");
  for (const auto* name : {"P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID"}) message.append(name, "x");
  proxy::core::remove_claims(message);
  CHECK(message.headers().empty());
}

TEST_CASE("only the trunk that is marked so is believed", "[core][rfc3325]") {
  proxy::trunk::Trunk trusted;
  trusted.name = "trusted";
  trusted.trusted_identity = true;
  proxy::trunk::Trunk other;
  other.name = "other";
  const proxy::trunk::TrunkTable trunks{{trusted, other}};
  CHECK(proxy::core::is_believed(proxy::core::owner_of_trunk("trusted"), trunks));
  CHECK_FALSE(proxy::core::is_believed(proxy::core::owner_of_trunk("other"), trunks));
  CHECK_FALSE(proxy::core::is_believed(0, trunks));
}
