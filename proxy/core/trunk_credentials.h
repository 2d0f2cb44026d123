#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/crypto/random.h"
#include "proxy/sip/message.h"
#include "proxy/trunk/trunk.h"

namespace proxy::core {

/// A header field by which we prove to a trunk who we are; the name is empty: none.
struct TrunkCredentials {
  std::string name;
  std::string value;

  void add_to(sip::Message& request) const {
    if (!name.empty()) request.append(name, value);
  }
};

/// What to repeat a request for `uri` with after this 401 or 407, RFC 3261 §22. nullopt: it is neither, we have nothing
/// to say at this trunk, or it has refused what we said `before`.
std::optional<TrunkCredentials> answer_challenge(const trunk::Trunk& trunk, const sip::Message& response,
                                                 std::string_view uri, const TrunkCredentials& before,
                                                 common::crypto::Random& random);

}  // namespace proxy::core
