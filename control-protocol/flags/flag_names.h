#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "control-protocol/flags/flags.h"

/// The spellings of every flag, shared by reader and writer.
namespace ng::flag_names {

template <class Group>
using Switch = std::pair<std::string_view, bool Group::*>;

inline constexpr std::array<Switch<Flags>, 12> kPlain{{
    {"trust-address", &Flags::trust_address},
    {"SIP-source-address", &Flags::sip_source_address},
    {"strict-source", &Flags::strict_source},
    {"asymmetric", &Flags::asymmetric},
    {"symmetric", &Flags::symmetric},
    {"generate-mid", &Flags::generate_mid},
    {"port-latching", &Flags::port_latching},
    {"no-rtcp-attribute", &Flags::no_rtcp_attribute},
    {"full-rtcp-attribute", &Flags::full_rtcp_attribute},
    {"loop-protect", &Flags::loop_protect},
    {"original-sendrecv", &Flags::original_sendrecv},
    {"require-encryption", &Flags::require_encryption},
}};

inline constexpr std::array<Switch<RtcpMux>, 5> kRtcpMux{{
    {"offer", &RtcpMux::offer},
    {"require", &RtcpMux::require},
    {"demux", &RtcpMux::demux},
    {"accept", &RtcpMux::accept},
    {"reject", &RtcpMux::reject},
}};

inline constexpr std::array<Switch<Replace>, 6> kReplace{{
    {"origin", &Replace::origin},
    {"session-connection", &Replace::session_connection},
    {"username", &Replace::username},
    {"session-name", &Replace::session_name},
    {"SDP-version", &Replace::session_version},
    {"zero-address", &Replace::zero_address},
}};

inline constexpr std::array<Switch<Osrtp>, 2> kOsrtp{{
    {"offer", &Osrtp::offer},
    {"accept", &Osrtp::accept},
}};

inline constexpr std::array<Switch<Sdes>, 5> kSdes{{
    {"off", &Sdes::off},
    {"pad", &Sdes::pad},
    {"unencrypted_srtp", &Sdes::unencrypted_rtp},
    {"unencrypted_srtcp", &Sdes::unencrypted_rtcp},
    {"unauthenticated_srtp", &Sdes::unauthenticated_rtp},
}};

inline constexpr std::array<std::pair<std::string_view, std::vector<std::string> CodecRules::*>, 6> kCodec{{
    {"strip", &CodecRules::strip},
    {"offer", &CodecRules::offer},
    {"mask", &CodecRules::mask},
    {"except", &CodecRules::except},
    {"transcode", &CodecRules::transcode},
    {"accept", &CodecRules::accept},
}};

template <class Enum>
using Choice = std::pair<std::string_view, Enum>;

inline constexpr std::array<Choice<Ice>, 4> kIce{{
    {"remove", Ice::Remove},
    {"force", Ice::Force},
    {"default", Ice::Default},
    {"optional", Ice::Force},  // elsewhere it keeps the other side's candidates too; media always goes through us
}};

inline constexpr std::array<Choice<Dtls>, 5> kDtls{{
    {"off", Dtls::Off},
    {"passive", Dtls::Passive},
    {"active", Dtls::Active},
    {"no", Dtls::Off},
    {"disable", Dtls::Off},
}};

inline constexpr std::array<Choice<TransportProtocol>, 6> kTransport{{
    {"RTP/AVP", TransportProtocol::RtpAvp},
    {"RTP/AVPF", TransportProtocol::RtpAvpf},
    {"RTP/SAVP", TransportProtocol::RtpSavp},
    {"RTP/SAVPF", TransportProtocol::RtpSavpf},
    {"UDP/TLS/RTP/SAVP", TransportProtocol::UdpTlsRtpSavp},
    {"UDP/TLS/RTP/SAVPF", TransportProtocol::UdpTlsRtpSavpf},
}};

/// Understood and not done.
inline constexpr std::array<std::pair<std::string_view, bool (*)(const Flags&)>, 5> kNotSupported{{
    {"loop-protect", [](const Flags& f) { return f.loop_protect; }},
    {"ICE=lite", [](const Flags& f) { return f.ice_lite; }},
    {"SDES-unencrypted_srtp", [](const Flags& f) { return f.sdes.unencrypted_rtp; }},
    {"SDES-unencrypted_srtcp", [](const Flags& f) { return f.sdes.unencrypted_rtcp; }},
    {"SDES-unauthenticated_srtp", [](const Flags& f) { return f.sdes.unauthenticated_rtp; }},
}};

}  // namespace ng::flag_names
