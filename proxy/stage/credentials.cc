#include "proxy/stage/credentials.h"

#include "common/base/overload.h"

namespace proxy::stage {

Proof check_credentials(const core::RequestContext& context, core::Services& services, Asked asked) {
  const bool by_server = asked == Asked::ByServer;
  const sip::Message& request = context.request;
  const std::string user_agent{request.get("User-Agent")};
  const auth::RequestFacts facts{.method = request.method(),
                                 .uri = request.request_uri(),
                                 .call_id = request.call_id(),
                                 .source = context.flow.remote.ip,
                                 .user_agent = user_agent,
                                 .over_websocket = transport::is_websocket(context.flow.kind)};
  const auto values = request.all(by_server ? "Authorization" : "Proxy-Authorization");
  auto verdict = services.authenticator.check(facts, values, services.wall());
  return std::visit(
      common::Overload{
          [](auth::Accepted& accepted) -> Proof { return std::move(accepted.username); },
          [&](auth::Challenged& challenged) -> Proof {
            core::Reject reject{by_server ? 401 : 407, by_server ? "Unauthorized" : "Proxy Authentication Required"};
            for (std::string& value : challenged.values) {
              reject.headers.emplace_back(by_server ? "WWW-Authenticate" : "Proxy-Authenticate", std::move(value));
            }
            return reject;
          },
          [](auth::Refused& refused) -> Proof { return core::Reject{400, std::string{refused.reason}}; }},
      verdict);
}

}  // namespace proxy::stage
