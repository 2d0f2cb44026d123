#include <catch2/catch.hpp>

#include "control-protocol/flags/flags.h"

using namespace ng;
using Words = std::initializer_list<std::string_view>;

namespace {

Flags flags_of(Words words) {
  Flags flags;
  for (const auto word : words) {
    CAPTURE(word);
    CHECK(apply_flag(flags, word));
  }
  return flags;
}

}  // namespace

TEST_CASE("the flags of a browser to SIP leg are understood", "[flags]") {
  const Flags flags = flags_of({"trust-address", "replace-origin", "replace-session-connection", "rtcp-mux-demux",
                                "DTLS=off", "SDES-off", "ICE=remove", "RTP/AVP"});
  CHECK(flags.trust_address);
  CHECK(flags.replace.origin);
  CHECK(flags.replace.session_connection);
  CHECK(flags.rtcp_mux.demux);
  CHECK(flags.dtls == Dtls::Off);
  CHECK(flags.sdes.off);
  CHECK(flags.ice == Ice::Remove);
  CHECK(flags.transport_protocol == TransportProtocol::RtpAvp);
}

TEST_CASE("a key of the dictionary says what its flags say", "[flags]") {
  Flags by_key;
  CHECK(apply_key(by_key, "replace", List{"origin", "session-connection"}));
  CHECK(apply_key(by_key, "rtcp-mux", List{"offer"}));
  CHECK(apply_key(by_key, "DTLS", "passive"));
  CHECK(apply_key(by_key, "SDES", List{"off", "no-AES_CM_128_HMAC_SHA1_32", "only-AEAD_AES_256_GCM"}));
  CHECK(apply_key(by_key, "OSRTP", List{"accept"}));
  CHECK(apply_key(by_key, "ICE", "force"));
  CHECK(apply_key(by_key, "transport-protocol", "UDP/TLS/RTP/SAVPF"));
  CHECK(by_key == flags_of({"replace-origin", "replace-session-connection", "rtcp-mux-offer", "DTLS=passive",
                            "SDES-off", "SDES-no-AES_CM_128_HMAC_SHA1_32", "SDES-only-AEAD_AES_256_GCM", "OSRTP-accept",
                            "ICE=force", "UDP/TLS/RTP/SAVPF"}));
  CHECK(by_key.sdes.excluded == std::vector<std::string>{"AES_CM_128_HMAC_SHA1_32"});
  CHECK(by_key.sdes.only == std::vector<std::string>{"AEAD_AES_256_GCM"});
}

TEST_CASE("keys may be spelt with spaces, hyphens and underscores, in any case", "[flags]") {
  for (const auto key : {"address family", "address-family", "address_family", "Address_Family"}) {
    Flags flags;
    CHECK(apply_key(flags, key, "IP6"));
    CHECK(flags.address_family == common::IpAddress::Family::V6);
  }
  CHECK(flags_of({"Strict_Source", "GENERATE-MID"}) == flags_of({"strict-source", "generate-mid"}));
}

TEST_CASE("a list may arrive as one comma-separated string", "[flags]") {
  Flags flags;
  CHECK(apply_key(flags, "replace", "origin, session_connection"));
  CHECK(flags == flags_of({"replace-origin", "replace-session-connection"}));
}

TEST_CASE("codec rules are read from a dictionary, from flags and from brackets", "[flags]") {
  Flags by_dictionary;
  CHECK(apply_key(by_dictionary, "codec", Dictionary{{"strip", List{"all"}}, {"offer", List{"PCMU", "PCMA"}}}));
  CHECK(by_dictionary == flags_of({"codec-strip-all", "codec-offer-PCMU", "codec-offer-PCMA"}));
  CHECK(by_dictionary == flags_of({"codec-strip=[all]", "codec-offer=[PCMU PCMA]"}));
  CHECK(flags_of({"transcode-opus/48000/2"}).codec.transcode == std::vector<std::string>{"opus/48000/2"});
  CHECK(flags_of({"codec-mask-opus", "codec-mask-opus"}).codec.mask == std::vector<std::string>{"opus"});
}

TEST_CASE("what a flag or key does not know is refused and changes nothing", "[flags]") {
  Flags flags;
  for (const auto word : {"teleport", "ICE=maybe", "RTP/SAVPX", "codec-strip-", "codec-shred-PCMU", "SDES-", "DTLS-",
                          "replace-everything", "codec-offer=[PCMU PCMA", "=", ""}) {
    CAPTURE(word);
    CHECK_FALSE(apply_flag(flags, word));
  }
  CHECK_FALSE(apply_key(flags, "colour", "blue"));
  CHECK_FALSE(apply_key(flags, "DTLS", "sideways"));
  CHECK_FALSE(apply_key(flags, "address family", "IPX"));
  CHECK_FALSE(apply_key(flags, "codec", "strip"));
  CHECK_FALSE(apply_key(flags, "replace", List{}));
  CHECK_FALSE(apply_key(flags, "ICE", Dictionary{}));
  CHECK(flags == Flags{});
}

TEST_CASE("of a list the words that are known hold, although the whole is refused", "[flags]") {
  Flags flags;
  CHECK_FALSE(apply_key(flags, "SDES", List{"pad", "confetti"}));
  CHECK(flags == flags_of({"SDES-pad"}));
}

TEST_CASE("a packet time is a number of milliseconds that a packet can hold", "[flags]") {
  Flags flags;
  CHECK(apply_key(flags, "ptime", 20));
  CHECK(flags.ptime == 20);
  CHECK(apply_flag(flags, "ptime=60"));
  CHECK(flags.ptime == 60);
  for (const auto& value : {Value{0}, Value{201}, Value{-20}, Value{"soon"}})
    CHECK_FALSE(apply_key(flags, "ptime", value));
  CHECK(flags.ptime == 60);
}

TEST_CASE("direction keeps the place of an empty name and takes no third one", "[flags]") {
  using Names = std::vector<std::string>;
  Flags flags;
  CHECK(apply_key(flags, "direction", List{"", "outside"}));
  CHECK(flags.direction == Names{"", "outside"});
  CHECK_FALSE(apply_key(flags, "direction", "third"));
  CHECK_FALSE(apply_flag(flags, "internal"));
  CHECK(flags.direction == Names{"", "outside"});
  Flags one;
  CHECK(apply_key(one, "interface", "inside"));
  CHECK(one.direction == Names{"inside"});
  CHECK(flags_of({"internal", "external"}).direction == Names{"internal", "external"});
}

TEST_CASE("of trust-address and SIP-source-address the later one holds", "[flags]") {
  const Flags source = flags_of({"trust-address", "SIP-source-address"});
  CHECK(source.sip_source_address);
  CHECK_FALSE(source.trust_address);
  const Flags address = flags_of({"SIP-source-address", "trust-address"});
  CHECK(address.trust_address);
  CHECK_FALSE(address.sip_source_address);
}

TEST_CASE("symmetric is the default said aloud, not the opposite of asymmetric", "[flags]") {
  CHECK(not_supported(flags_of({"asymmetric"})).empty());
  CHECK(flags_of({"asymmetric", "symmetric"}).asymmetric);
  CHECK(flags_of({"symmetric", "asymmetric"}).asymmetric);
  CHECK_FALSE(flags_of({"symmetric"}).asymmetric);
}

TEST_CASE("ICE=optional offers ICE also for a side that has none", "[flags]") {
  CHECK(flags_of({"ICE=optional"}).ice == Ice::Force);
  CHECK(flags_of({"ICE=default"}).ice == Ice::Default);
}

TEST_CASE("flags that are understood and not done are named in one spelling", "[flags]") {
  using Names = std::vector<std::string_view>;
  for (const auto name :
       {"loop-protect", "ICE=lite", "SDES-unencrypted_srtp", "SDES-unencrypted_srtcp", "SDES-unauthenticated_srtp"}) {
    CHECK(not_supported(flags_of({"trust-address", name})) == Names{name});
  }
  CHECK(not_supported(flags_of({"loop_protect"})) == Names{"loop-protect"});
  CHECK(not_supported(flags_of({"ICE-lite=both"})) == Names{"ICE=lite"});
  CHECK(not_supported(flags_of({"SDES=[unencrypted_srtp]"})) == Names{"SDES-unencrypted_srtp"});
  CHECK(not_supported(flags_of({"symmetric", "port-latching", "original-sendrecv", "replace-zero-address", "SDES-pad"}))
            .empty());
}

TEST_CASE("every transport protocol has its name in any case", "[flags]") {
  for (const auto name : {"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"}) {
    const auto protocol = transport_protocol_from(name);
    REQUIRE(protocol);
    CHECK(to_string(*protocol) == name);
  }
  CHECK(transport_protocol_from("rtp/savpf") == TransportProtocol::RtpSavpf);
  CHECK_FALSE(transport_protocol_from("RTP"));
}
