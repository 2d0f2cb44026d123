#include "proxy/core/identity.h"

#include <algorithm>

#include "common/base/text.h"

namespace proxy::core {

void remove_claims(sip::Message& message) {
  for (const auto* name : {"P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID"}) message.remove(name);
}

void withhold_identity(sip::Message& message) {
  for (const std::string_view privacy : common::split(message.get("Privacy"), ';')) {  // RFC 3323 §4.2
    if (!common::iequals(common::trim(privacy), "id")) continue;
    message.remove("P-Asserted-Identity");
    return;
  }
}

bool is_believed(std::uint32_t owner, const trunk::TrunkTable& trunks) {
  return std::ranges::any_of(trunks.all(), [owner](const trunk::Trunk& trunk) {
    return trunk.trusted_identity && owner_of_trunk(trunk.name) == owner;
  });
}

}  // namespace proxy::core
