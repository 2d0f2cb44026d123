#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/codec/format.h"
#include "relay/sdp/session_description.h"

namespace relay::negotiation {

/// One payload type of one m-section, with everything SDP says of it.
struct Codec {
  std::uint8_t payload_type = 0;
  std::string name;  // as in a=rtpmap
  std::uint32_t clock_rate = 8000;
  std::uint8_t channels = 1;
  std::string parameters;             // a=fmtp, without the payload type
  std::vector<std::string> feedback;  // a=rtcp-fb, without the payload type
  bool added = false;                 // offered by us: the other side hid it, or has it not

  codec::Kind kind() const noexcept;
  bool is_event() const noexcept { return kind() == codec::Kind::TelephoneEvent; }
  /// The same encoding, whatever its payload type and parameters.
  bool same_as(const Codec& other) const noexcept;
  /// `PCMU`, `opus/48000`, `opus/48000/2`; case does not matter.
  bool matches(std::string_view rule) const noexcept;
  /// What the packet path needs. Packet times are the section's, not the codec's: they are left as by default.
  codec::Format format() const;
};

using CodecList = std::vector<Codec>;

/// Codecs of an m-section in its order. Static payload types (RFC 3551 §6) need no rtpmap.
CodecList read_codecs(const sdp::Media& media);
/// Writes formats, rtpmap, fmtp and (if `feedback`) rtcp-fb in place of what stood there.
void write_codecs(sdp::Media& media, const CodecList& codecs, bool feedback);

/// A codec that we can offer of our own accord: `PCMU`, `PCMA`, `opus`, `telephone-event/8000`; its payload type is to
/// be chosen yet.
std::optional<Codec> known_codec(std::string_view rule);

/// Puts `codec` at the end with a payload type that is free in `list`.
void append_codec(CodecList& list, Codec codec);

/// Formats that repeat or protect another one: RFC 2198, RFC 4588, RFC 5109, RFC 8627.
bool is_repair(const Codec& codec) noexcept;
/// No telephone-event, no comfort noise, no repair format.
bool is_media(const Codec& codec) noexcept;
/// The value of one parameter of a=fmtp; "" when it is not there.
std::string_view parameter(std::string_view parameters, std::string_view name) noexcept;

const Codec* find_same(const CodecList& list, const Codec& codec) noexcept;
/// The first codec that carries media.
const Codec* primary(const CodecList& list) noexcept;
/// The telephone-event of a clock rate; any rate if `clock_rate` is 0.
const Codec* find_event(const CodecList& list, std::uint32_t clock_rate) noexcept;

}  // namespace relay::negotiation
