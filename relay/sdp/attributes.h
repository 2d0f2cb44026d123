#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/srtp/suite.h"

/// Typed readings of single attribute values, and their writers. A reader gives nothing for what it cannot read.
namespace relay::sdp {

/// `0 PCMU/8000[/channels]`, RFC 8866 §6.6.
struct RtpMap {
  std::uint8_t payload_type = 0;
  std::string encoding_name;
  std::uint32_t clock_rate = 8000;
  std::uint8_t channels = 1;
};
std::optional<RtpMap> read_rtpmap(std::string_view value);
std::string write_rtpmap(const RtpMap& map);

/// `1 AES_CM_128_HMAC_SHA1_80 inline:KEY[|lifetime][|MKI:length]`, RFC 4568 §9.1. Suites we do not know, session
/// parameters that change the packets or derive further keys (KDR) and keys of a wrong length give nothing.
struct Crypto {
  std::uint32_t tag = 1;
  srtp::KeyMaterial key;
};
std::optional<Crypto> read_crypto(std::string_view value);
/// The key is written padded: some peers refuse it otherwise.
std::string write_crypto(const Crypto& crypto);

}  // namespace relay::sdp
