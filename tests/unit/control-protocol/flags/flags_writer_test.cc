#include <catch2/catch.hpp>

#include "control-protocol/flags/flags.h"
#include "control-protocol/message/request.h"

using namespace ng;

namespace {

Dictionary written(const Flags& flags) {
  Dictionary dictionary;
  write_flags(flags, dictionary);
  return dictionary;
}

Flags every_flag() {
  Flags flags;
  flags.transport_protocol = TransportProtocol::UdpTlsRtpSavpf;
  flags.ice = Ice::Force;
  flags.ice_lite = true;
  flags.dtls = Dtls::Active;
  flags.sdes = {.off = true,
                .pad = true,
                .unencrypted_rtp = true,
                .unencrypted_rtcp = true,
                .unauthenticated_rtp = true,
                .excluded = {"AEAD_AES_256_GCM"},
                .only = {"AES_CM_128_HMAC_SHA1_80"}};
  flags.rtcp_mux = {.offer = true, .require = true, .demux = true, .accept = true, .reject = true};
  flags.replace = {.origin = true,
                   .session_connection = true,
                   .username = true,
                   .session_name = true,
                   .session_version = true,
                   .zero_address = true};
  flags.osrtp = {.offer = true, .accept = true};
  flags.codec = {.strip = {"all"},
                 .offer = {"PCMU", "opus/48000/2"},
                 .mask = {"G722"},
                 .except = {"CN"},
                 .transcode = {"PCMA"},
                 .accept = {"GSM"}};
  flags.direction = {"public", "private"};
  flags.address_family = common::IpAddress::Family::V6;
  flags.sip_source_address = flags.strict_source = flags.asymmetric = flags.symmetric = true;
  flags.generate_mid = flags.port_latching = flags.no_rtcp_attribute = flags.full_rtcp_attribute = true;
  flags.loop_protect = flags.original_sendrecv = flags.require_encryption = true;
  flags.ptime = 20;
  return flags;
}

}  // namespace

TEST_CASE("flags that say nothing write nothing", "[flags]") { CHECK(written(Flags{}).empty()); }

TEST_CASE("flags are written as the keys that every relay reads", "[flags]") {
  Flags flags;
  flags.transport_protocol = TransportProtocol::RtpAvp;
  flags.ice = Ice::Remove;
  flags.dtls = Dtls::Off;
  flags.sdes.off = true;
  flags.sdes.excluded = {"AEAD_AES_256_GCM"};
  flags.rtcp_mux.demux = true;
  flags.replace.origin = flags.replace.session_version = true;
  flags.trust_address = true;
  flags.address_family = common::IpAddress::Family::V4;
  flags.codec.strip = {"all"};
  flags.ptime = 20;
  CHECK(written(flags) == Dictionary{{"transport-protocol", "RTP/AVP"},
                                     {"ICE", "remove"},
                                     {"DTLS", "off"},
                                     {"SDES", List{"off", "no-AEAD_AES_256_GCM"}},
                                     {"rtcp-mux", List{"demux"}},
                                     {"replace", List{"origin", "SDP-version"}},
                                     {"flags", List{"trust-address"}},
                                     {"address family", "IP4"},
                                     {"codec", Dictionary{{"strip", List{"all"}}}},
                                     {"ptime", 20}});
}

TEST_CASE("flags are added to a request and leave its other keys alone", "[flags]") {
  Dictionary request{{"command", "offer"}, {"call-id", "c"}};
  Flags flags;
  flags.strict_source = true;
  write_flags(flags, request);
  CHECK(request == Dictionary{{"command", "offer"}, {"call-id", "c"}, {"flags", List{"strict-source"}}});
}

TEST_CASE("every flag that is written is read back the same", "[flags]") {
  Dictionary request = written(every_flag());
  request["command"] = "ping";
  const auto read = read_request(request);
  REQUIRE(read);
  CHECK(read->flags == every_flag());
  Flags with_empty_name;
  with_empty_name.direction = {"", "outside"};
  Dictionary other = written(with_empty_name);
  other["command"] = "ping";
  CHECK(read_request(other)->flags == with_empty_name);
}
