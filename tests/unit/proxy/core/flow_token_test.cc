#include "proxy/core/flow_token.h"

#include <catch2/catch.hpp>

#include "tests/support/sealed_peers.h"

using namespace proxy::core;

namespace {

FlowToken token() {
  FlowToken token;
  token.user_agent.by = Peer::By::Connection;
  token.user_agent.kind = proxy::transport::Kind::Tls;
  token.user_agent.connection = {7};
  token.user_agent.boot = 99;
  token.registrar = owner_of_trunk("pbx");
  return token;
}

}  // namespace

TEST_CASE("a flow token names its flow and its registrar, the same in each refresh", "[cookie][rfc5626]") {
  const Sealer sealer = tests::sealer_of("secret");
  const std::string text = seal_flow_token(sealer, token());
  CHECK(text == seal_flow_token(sealer, token()));
  CHECK(open_flow_token(sealer, text) == token());
}

TEST_CASE("nobody makes a flow token up", "[cookie][rfc5626][attack]") {
  const Sealer sealer = tests::sealer_of("secret");
  std::string text = seal_flow_token(sealer, token());
  CHECK_FALSE(open_flow_token(tests::sealer_of("other"), text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == text) continue;
    CHECK_FALSE(open_flow_token(sealer, changed) == token());
  }
  CHECK_FALSE(open_flow_token(sealer, ""));
  CHECK_FALSE(open_flow_token(sealer, "alice"));
  CHECK_FALSE(open_flow_token(sealer, std::string(500, 'A')));
}
