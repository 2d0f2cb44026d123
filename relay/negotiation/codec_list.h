#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control-protocol/flags/flags.h"
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
  /// What the packet path needs. `ptime`: what the peer wants, in ms.
  codec::Format format(std::uint16_t ptime) const;
};

using CodecList = std::vector<Codec>;

/// Codecs of an m-section in its order. Static payload types (RFC 3551 §6) need no rtpmap.
CodecList read_codecs(const sdp::Media& media);
/// Writes formats, rtpmap, fmtp and (if `feedback`) rtcp-fb in place of what stood there.
void write_codecs(sdp::Media& media, const CodecList& codecs, bool feedback);

/// A codec that we can offer of our own accord: `PCMU`, `PCMA`, `opus`, `telephone-event/8000`; its payload type is to
/// be chosen yet.
std::optional<Codec> known_codec(std::string_view rule);

/// The caller's codecs without those that `strip` takes: they are as if they had never been in its SDP, so that neither
/// side gets them. `except` and `offer` spare one; so does `transcode`, from `all` but not from its name or `full`.
/// telephone-event of `audio` goes only when it is named.
CodecList without_stripped(const CodecList& theirs, const ng::CodecRules& rules, bool audio);

/// What the callee is offered: the caller's codecs (without stripped ones) after mask, except and transcode, those of
/// `offer` first and in its order; telephone-events at the clock rates of what is left. `audio`: only there do we add anything. `webrtc`: the callee is a WebRTC peer; only
/// such a one is offered repair formats (RED, RTX, FEC), and only with the codec they belong to.
CodecList codecs_to_offer(const CodecList& theirs, const ng::CodecRules& rules, bool audio, bool webrtc);

/// Puts `codec` at the end with a payload type that is free in `list`.
void append_codec(CodecList& list, Codec codec);

const Codec* find_same(const CodecList& list, const Codec& codec) noexcept;
/// The first codec that carries media (no telephone-event, no comfort noise, no repair format).
const Codec* primary(const CodecList& list) noexcept;
/// The telephone-event of a clock rate; any rate if `clock_rate` is 0.
const Codec* find_event(const CodecList& list, std::uint32_t clock_rate) noexcept;

}  // namespace relay::negotiation
