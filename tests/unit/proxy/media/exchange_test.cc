#include "proxy/media/exchange.h"

#include <catch2/catch.hpp>

using namespace proxy::media;
using proxy::core::Leg;

namespace {

common::IpAddress ip(std::string_view text) { return *common::IpAddress::parse(text); }

}  // namespace

TEST_CASE("the session's connection address is read, names and garbage are not", "[media]") {
  CHECK(connection_address("v=0\r\nc=IN IP4 192.0.2.1\r\n") == ip("192.0.2.1"));
  CHECK(connection_address("c=IN IP4 233.252.0.1/127\n") == ip("233.252.0.1"));
  CHECK(connection_address("c=IN IP6 2001:db8::1\r\n") == ip("2001:db8::1"));
  CHECK_FALSE(connection_address("c=IN IP4 host.example\r\n"));
  CHECK_FALSE(connection_address("c=IN IP"));
  CHECK_FALSE(connection_address(""));
}

TEST_CASE("a phone is behind NAT if its SDP names a private address that it does not send from", "[media]") {
  const std::string sdp = "c=IN IP4 192.168.1.7\r\n";
  CHECK(is_behind_nat({sdp, ip("203.0.113.9")}, Leg::Phone));
  CHECK_FALSE(is_behind_nat({sdp, ip("192.168.1.7")}, Leg::Phone));
  CHECK_FALSE(is_behind_nat({sdp, ip("203.0.113.9")}, Leg::Trunk));
  const std::string open = "c=IN IP4 203.0.113.80\r\n";
  CHECK_FALSE(is_behind_nat({open, ip("203.0.113.9")}, Leg::Phone));
}

TEST_CASE("what a relay lacks is 503 and another relay's chance, what it cannot do is 488", "[media]") {
  CHECK(refusal_of(ng::ClientError::Unreachable).reason == "Media Relay Unreachable");
  CHECK(refusal_of(ng::ClientError::Deadline).try_next);
  for (const auto full : {ng::kRanOutOfPorts, ng::kSessionLimitReached}) {
    CHECK(refusal_of(ng::Reply::error(full)).status == 503);
    CHECK(refusal_of(ng::Reply::error(full)).try_next);
  }
  ng::Reply limit;
  limit.outcome = ng::Outcome::LoadLimit;
  CHECK(refusal_of(limit).try_next);
  CHECK(refusal_of(ng::Reply::error("No codec is left to offer")).status == 488);
  CHECK_FALSE(refusal_of(ng::Reply::error("No codec is left to offer")).try_next);
}

TEST_CASE("an exchange names the offerer first, whoever called", "[media]") {
  const std::string sdp = "v=0\r\n";
  const auto request = make_answer({"call", "offerer", "answerer", "z9hG4bK1"}, {sdp, ip("192.0.2.1")}, {});
  CHECK(request.command == ng::Command::Answer);
  CHECK(request.from_tag == "offerer");
  CHECK(request.to_tag == "answerer");
  CHECK(request.received_from == ip("192.0.2.1"));
  CHECK(make_delete({"call", "offerer", {}, {}}).delete_delay == std::chrono::seconds{0});
}

TEST_CASE("a description is encrypted when every section in use is", "[media]") {
  const auto encrypted = [](std::string_view sections) {
    return proxy::media::is_encrypted("v=0\r\n" + std::string{sections});
  };
  CHECK(encrypted("m=audio 4000 UDP/TLS/RTP/SAVPF 111\r\n"));
  CHECK(encrypted("m=audio 4000 RTP/SAVP 0\r\nm=video 0 RTP/AVP 96\r\n"));
  CHECK(encrypted("m=audio 4000 RTP/AVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n"));
  CHECK(encrypted("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
  CHECK_FALSE(encrypted("m=audio 4000 RTP/AVP 0\r\n"));
  CHECK_FALSE(encrypted("m=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/SAVP 96\r\na=crypto:1 x inline:x"));
  CHECK_FALSE(encrypted("m=audio 4000 RTP/SAVP 0\r\nm=video 4002 RTP/AVP 96"));
}
