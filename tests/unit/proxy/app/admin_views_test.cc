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
  trunk::Health health;
  const common::Instant now{1000s};
  CHECK(app::trunks_json(trunk::TrunkTable{{t}}, health, now) ==
        "{\"trunks\":[{\"name\":\"carrier\",\"host\":\"192.0.2.20\",\"port\":null,\"transport\":\"auto\","
        "\"srtp\":\"rtp\",\"codecs\":[],\"places\":[]}]}");
}

TEST_CASE("a trunk's places are listed with their state and its cause", "[admin]") {
  trunk::Trunk t;
  t.name = "carrier";
  t.host = "192.0.2.20";
  t.port = 5070;
  t.transport = transport::Kind::Tcp;
  const common::Instant now{1000s};
  const common::SocketAddress remote = *common::SocketAddress::parse("192.0.2.20:5070");
  trunk::Health health;
  health.watch(t, {{transport::Kind::Tcp, remote, t.host}}, now);
  for (int i = 0; i < 10; ++i) health.on_failure({t.name, transport::Kind::Tcp, remote}, now);
  const std::string json = app::trunks_json(trunk::TrunkTable{{t}}, health, now + 7s);
  CHECK(json.find("\"port\":5070,\"transport\":\"tcp\"") != std::string::npos);
  CHECK(json.find("\"places\":[{\"address\":\"192.0.2.20:5070\",\"transport\":\"tcp\",\"state\":\"down\","
                  "\"cause\":\"failures\",\"seconds\":7,\"calls\":0,\"failures\":0}]") != std::string::npos);
}
