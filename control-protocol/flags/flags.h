#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "control-protocol/message/value.h"

namespace ng {

/// The transport protocols of an m-line that the relay converts between.
enum class TransportProtocol : std::uint8_t { RtpAvp, RtpAvpf, RtpSavp, RtpSavpf, UdpTlsRtpSavp, UdpTlsRtpSavpf };
std::string_view to_string(TransportProtocol protocol) noexcept;
std::optional<TransportProtocol> transport_protocol_from(std::string_view text) noexcept;
constexpr bool has_feedback(TransportProtocol p) noexcept {
  return p == TransportProtocol::RtpAvpf || p == TransportProtocol::RtpSavpf || p == TransportProtocol::UdpTlsRtpSavpf;
}
constexpr bool is_sdes(TransportProtocol p) noexcept {
  return p == TransportProtocol::RtpSavp || p == TransportProtocol::RtpSavpf;
}
constexpr bool is_dtls(TransportProtocol p) noexcept {
  return p == TransportProtocol::UdpTlsRtpSavp || p == TransportProtocol::UdpTlsRtpSavpf;
}
constexpr bool is_encrypted(TransportProtocol p) noexcept { return is_sdes(p) || is_dtls(p); }

/// Default: ICE is offered where the other side's SDP has it.
enum class Ice : std::uint8_t { Unset, Remove, Force, Default };
enum class Dtls : std::uint8_t { Unset, Off, Passive, Active };

struct Sdes {
  bool off = false;
  bool pad = false;
  bool unencrypted_rtp = false;
  bool unencrypted_rtcp = false;
  bool unauthenticated_rtp = false;
  std::vector<std::string> excluded;  // SDES-no-SUITE
  std::vector<std::string> only;      // SDES-only-SUITE
  friend bool operator==(const Sdes&, const Sdes&) = default;
};

/// RFC 5761 in an offer: offer, require, demux; in an answer: accept, reject.
struct RtcpMux {
  bool offer = false;
  bool require = false;
  bool demux = false;
  bool accept = false;
  bool reject = false;
  friend bool operator==(const RtcpMux&, const RtcpMux&) = default;
};

struct Replace {
  bool origin = false;
  bool session_connection = false;
  bool username = false;
  bool session_name = false;
  bool session_version = false;
  bool zero_address = false;
  friend bool operator==(const Replace&, const Replace&) = default;
};

struct Osrtp {
  bool offer = false;
  bool accept = false;
  friend bool operator==(const Osrtp&, const Osrtp&) = default;
};

/// Names as in a=rtpmap, perhaps with clock rate and channels (`opus/48000/2`); `all` and `full` are kept as they came.
struct CodecRules {
  std::vector<std::string> strip;      // taken out of the offer
  std::vector<std::string> offer;      // put back after strip=all
  std::vector<std::string> mask;       // hidden from the callee, still usable by transcoding
  std::vector<std::string> except;     // spared by strip and mask
  std::vector<std::string> transcode;  // added to the offer
  std::vector<std::string> accept;     // answered to the offerer although the callee did not take it
  friend bool operator==(const CodecRules&, const CodecRules&) = default;
};

/// Everything a request asks of the media, in one spelling whatever way it came: as keys, in `flags`, in `rtpp-flags`.
struct Flags {
  std::optional<TransportProtocol> transport_protocol;
  Ice ice = Ice::Unset;
  bool ice_lite = false;
  Dtls dtls = Dtls::Unset;
  Sdes sdes;
  RtcpMux rtcp_mux;
  Replace replace;
  Osrtp osrtp;
  CodecRules codec;
  /// Names of the interfaces towards the sender and the receiver of the SDP; an empty one is the first interface.
  std::vector<std::string> direction;
  std::optional<common::IpAddress::Family> address_family;
  bool trust_address = false;       // the default, said aloud
  bool sip_source_address = false;  // its opposite: not the SDP's address counts, but received-from
  bool strict_source = false;
  bool asymmetric = false;  // media go to the SDP's address, wherever the sender's own come from
  bool symmetric = false;   // the default, said aloud
  bool generate_mid = false;
  bool port_latching = false;
  bool no_rtcp_attribute = false;
  bool full_rtcp_attribute = false;
  bool loop_protect = false;
  bool original_sendrecv = false;
  bool require_encryption = false;  // ours: a plain RTP leg is refused
  std::optional<unsigned> ptime;    // ms, towards the receiver of the SDP
  friend bool operator==(const Flags&, const Flags&) = default;
};

/// Takes one flag as it stands in `flags` or, split at spaces, in `rtpp-flags`: `trust-address`, `replace-origin`,
/// `ICE=remove`, `RTP/AVP`, `codec-strip-all`. False: unknown, nothing changed; of `key=[several words]` the known ones
/// hold.
bool apply_flag(Flags& flags, std::string_view flag);

/// Takes one key of the request with its value: `ICE`, `rtcp-mux`, `codec`, … False: not a media key, or a value it
/// cannot have; of a list of words the known ones hold.
bool apply_key(Flags& flags, std::string_view key, const Value& value);

/// Adds the keys that say `flags` to a request, in the form that every rtpengine since 6.0 reads.
void write_flags(const Flags& flags, Dictionary& request);

/// Those of the flags that are understood and not done, spelt as flags.
std::vector<std::string_view> not_supported(const Flags& flags);

/// Lower case, with hyphens for spaces and underscores.
std::string normal_key(std::string_view key);

}  // namespace ng
