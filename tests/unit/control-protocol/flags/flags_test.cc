#include "control-protocol/flags/flags.h"

#include <catch2/catch.hpp>

#include "control-protocol/message/request.h"

using namespace ng;

namespace {

Request with_rtpp_flags(std::string_view text) {
  return *read_request(
      {{"command", "offer"}, {"call-id", "c"}, {"from-tag", "f"}, {"sdp", "v=0"}, {"rtpp-flags", text}});
}

}  // namespace

TEST_CASE("the flags of a browser to SIP leg are understood as one string", "[flags]") {
  const auto request = with_rtpp_flags(
      "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP");
  CHECK(request.warnings.empty());
  CHECK(request.flags.trust_address);
  CHECK(request.flags.replace.origin);
  CHECK(request.flags.replace.session_connection);
  CHECK(request.flags.rtcp_mux.demux);
  CHECK(request.flags.dtls == Dtls::Off);
  CHECK(request.flags.sdes.off);
  CHECK(request.flags.ice == Ice::Remove);
  CHECK(request.flags.transport_protocol == TransportProtocol::RtpAvp);
}

TEST_CASE("the flags of a SIP to browser leg are understood as keys of a dictionary", "[flags]") {
  const auto request = *read_request({{"command", "offer"},
                                      {"call-id", "c"},
                                      {"from-tag", "f"},
                                      {"sdp", "v=0"},
                                      {"flags", List{"trust-address", "generate-mid"}},
                                      {"replace", List{"origin", "session-connection"}},
                                      {"rtcp-mux", List{"offer"}},
                                      {"DTLS", "passive"},
                                      {"SDES", List{"off"}},
                                      {"ICE", "force"},
                                      {"transport-protocol", "UDP/TLS/RTP/SAVPF"}});
  CHECK(request.warnings.empty());
  CHECK(request.flags == with_rtpp_flags("trust-address replace-origin replace-session-connection rtcp-mux-offer "
                                         "generate-mid DTLS=passive SDES-off ICE=force UDP/TLS/RTP/SAVPF")
                             .flags);
}

TEST_CASE("keys may be spelt with spaces, hyphens and underscores, in any case", "[flags]") {
  for (const auto key : {"address family", "address-family", "address_family", "Address_Family"}) {
    Flags flags;
    CHECK(apply_key(flags, key, "IP6"));
    CHECK(flags.address_family == common::IpAddress::Family::V6);
  }
}

TEST_CASE("a list may arrive as one comma-separated string", "[flags]") {
  Flags flags;
  CHECK(apply_key(flags, "replace", "origin, session_connection"));
  CHECK(flags.replace.origin);
  CHECK(flags.replace.session_connection);
}

TEST_CASE("codec rules are read from a dictionary, from flags and from brackets", "[flags]") {
  Flags by_dictionary;
  CHECK(apply_key(by_dictionary, "codec", Dictionary{{"strip", List{"all"}}, {"offer", List{"PCMU", "PCMA"}}}));
  Flags by_flags;
  for (const auto flag : {"codec-strip-all", "codec-offer-PCMU", "codec-offer-PCMA"}) CHECK(apply_flag(by_flags, flag));
  CHECK(by_dictionary == by_flags);
  CHECK(with_rtpp_flags("codec-strip=[all] codec-offer=[PCMU PCMA]").flags == by_flags);
  Flags transcode;
  CHECK(apply_flag(transcode, "transcode-opus/48000/2"));
  CHECK(transcode.codec.transcode == std::vector<std::string>{"opus/48000/2"});
}

TEST_CASE("unknown keys and flags warn and never fail", "[flags]") {
  const auto request = with_rtpp_flags("trust-address teleport ICE=maybe");
  CHECK(request.flags.trust_address);
  CHECK(request.warnings ==
        std::vector<std::string>{"unknown flag 'teleport' ignored", "unknown flag 'ICE=maybe' ignored"});
  const auto by_key = *read_request({{"command", "ping"}, {"colour", "blue"}});
  CHECK(by_key.warnings.size() == 1);
}

TEST_CASE("direction keeps the place of an empty name and takes no third one", "[flags]") {
  using Names = std::vector<std::string>;
  Flags flags;
  CHECK(apply_key(flags, "direction", List{"", "outside"}));
  CHECK(flags.direction == Names{"", "outside"});
  CHECK_FALSE(apply_key(flags, "direction", "third"));
  CHECK_FALSE(apply_flag(flags, "internal"));
  CHECK(flags.direction == Names{"", "outside"});
  Dictionary written{{"command", "ping"}};
  write_flags(flags, written);
  CHECK(read_request(written)->flags == flags);
  Flags one;
  CHECK(apply_key(one, "interface", "inside"));
  CHECK(one.direction == Names{"inside"});
}

TEST_CASE("of trust-address and SIP-source-address the later one holds", "[flags]") {
  CHECK(with_rtpp_flags("trust-address SIP-source-address").flags.sip_source_address);
  CHECK_FALSE(with_rtpp_flags("trust-address SIP-source-address").flags.trust_address);
  CHECK_FALSE(with_rtpp_flags("SIP-source-address trust-address").flags.sip_source_address);
}

TEST_CASE("flags that are understood and not done warn, however they are spelt", "[flags]") {
  const auto warnings = [](std::string_view flags) { return with_rtpp_flags(flags).warnings; };
  for (const std::string flag :
       {"loop-protect", "ICE=lite", "SDES-unencrypted_srtp", "SDES-unencrypted_srtcp", "SDES-unauthenticated_srtp"}) {
    CHECK(warnings("trust-address " + flag) ==
          std::vector<std::string>{"flag '" + flag + "' is not supported, ignored"});
  }
  CHECK(warnings("loop_protect") == warnings("loop-protect"));
  CHECK(warnings("ICE-lite=both") == warnings("ICE=lite"));
  CHECK(warnings("SDES=[unencrypted_srtp]") == warnings("SDES-unencrypted_srtp"));
  CHECK(warnings("symmetric port-latching original-sendrecv replace-zero-address SDES-pad").empty());
}

TEST_CASE("asymmetric is a flag without a warning, and symmetric is not its opposite", "[flags]") {
  for (const auto text : {"asymmetric", "asymmetric symmetric", "symmetric asymmetric"}) {
    const auto request = with_rtpp_flags(text);
    CHECK(request.flags.asymmetric);
    CHECK(request.warnings.empty());
  }
  CHECK_FALSE(with_rtpp_flags("symmetric").flags.asymmetric);
}

TEST_CASE("ICE=optional offers ICE also for a side that has none", "[flags]") {
  CHECK(with_rtpp_flags("ICE=optional").flags.ice == Ice::Force);
  CHECK(with_rtpp_flags("ICE=default").flags.ice == Ice::Default);
}

TEST_CASE("warnings are bounded whatever a peer sends", "[flags]") {
  List flags;
  for (int i = 0; i < 1000; ++i) flags.emplace_back("nonsense-" + std::to_string(i) + std::string(200, 'x'));
  const auto request = *read_request({{"command", "ping"}, {"flags", std::move(flags)}});
  CHECK(request.warnings.size() == 16);
  CHECK(request.warnings.front().size() < 100);
}

TEST_CASE("flags that are written are read back the same", "[flags]") {
  Flags flags;
  flags.transport_protocol = TransportProtocol::UdpTlsRtpSavpf;
  flags.ice = Ice::Force;
  flags.dtls = Dtls::Active;
  flags.sdes.pad = true;
  flags.sdes.excluded = {"AEAD_AES_256_GCM"};
  flags.sdes.only = {"AES_CM_128_HMAC_SHA1_80"};
  flags.rtcp_mux.require = true;
  flags.replace.zero_address = true;
  flags.osrtp.offer = true;
  flags.codec.mask = {"opus"};
  flags.direction = {"public", "private"};
  flags.address_family = common::IpAddress::Family::V6;
  flags.generate_mid = flags.require_encryption = true;
  flags.ptime = 20;
  Dictionary dictionary{{"command", "ping"}};
  write_flags(flags, dictionary);
  const auto request = *read_request(dictionary);
  CHECK(request.warnings.empty());
  CHECK(request.flags == flags);
}
