#include "proxy/core/trunk_credentials.h"

#include "common/log/log.h"
#include "proxy/auth/client.h"

namespace proxy::core {

std::optional<TrunkCredentials> answer_challenge(const trunk::Trunk& trunk, const sip::Message& response,
                                                 std::string_view uri, const TrunkCredentials& before,
                                                 common::crypto::Random& random) {
  const bool by_proxy = response.status() == 407;
  const auto cseq = response.cseq();
  if ((response.status() != 401 && !by_proxy) || trunk.username.empty() || !cseq) return std::nullopt;
  auto value = auth::answer_challenge(response.all(by_proxy ? "Proxy-Authenticate" : "WWW-Authenticate"), cseq->method,
                                      uri, {trunk.username, trunk.password, trunk.realm}, random, before.value);
  if (!value) {
    common::log::warn("trunk.credentials_refused", {{"trunk", trunk.name}});
    return std::nullopt;
  }
  return TrunkCredentials{by_proxy ? "Proxy-Authorization" : "Authorization", std::move(*value)};
}

}  // namespace proxy::core
