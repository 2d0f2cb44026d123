#include "proxy/app/admin_views.h"

#include <catch2/catch.hpp>

using namespace proxy;
using namespace std::chrono_literals;

TEST_CASE("registrations are listed with what is left of them, whatever text a peer sent", "[admin]") {
  const common::Instant now{1000s};
  store::Binding binding;
  binding.contact = "sip:a@b";
  binding.flow.kind = transport::Kind::Wss;
  binding.flow.remote = *common::SocketAddress::parse("192.0.2.1:4000");
  binding.flow_id = "f";
  binding.expires_at = now + 90s;
  binding.user_agent = "x\xff\"";
  CHECK(app::registrations_json({{"sip:a@example.org", binding}}, now) ==
        "{\"registrations\":[{\"aor\":\"sip:a@example.org\",\"contact\":\"sip:a@b\",\"transport\":\"wss\","
        "\"source\":\"192.0.2.1:4000\",\"flow_id\":\"f\",\"expires_in\":90,\"user_agent\":\"x\xEF\xBF\xBD\\\"\"}]}");
}

TEST_CASE("trunks are listed without their credentials", "[admin]") {
  trunk::Trunk t;
  t.name = "carrier";
  t.host = "192.0.2.20";
  t.username = "u";
  t.password = "topsecret";
  const std::string json = app::trunks_json(trunk::TrunkTable{{t}});
  CHECK(json ==
        "{\"trunks\":[{\"name\":\"carrier\",\"host\":\"192.0.2.20\",\"port\":5060,\"transport\":\"udp\","
        "\"srtp\":\"rtp\",\"codecs\":[]}]}");
}
