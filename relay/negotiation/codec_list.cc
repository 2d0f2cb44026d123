#include "relay/negotiation/codec_list.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "relay/codec/codec.h"
#include "relay/sdp/attributes.h"

namespace relay::negotiation {
namespace {

using common::iequals;

struct StaticType {
  std::uint8_t payload_type;
  std::string_view name;
  std::uint32_t clock_rate;
};
constexpr std::array<StaticType, 7> kStaticTypes{{{0, "PCMU", 8000},
                                                  {3, "GSM", 8000},
                                                  {4, "G723", 8000},
                                                  {8, "PCMA", 8000},
                                                  {9, "G722", 8000},
                                                  {13, "CN", 8000},
                                                  {18, "G729", 8000}}};
constexpr std::uint8_t kFirstDynamic = 96;

codec::OpusParameters opus_parameters(std::string_view text) {
  codec::OpusParameters opus;
  const auto on = [&](std::string_view name) { return parameter(text, name) == "1"; };
  opus.max_playback_rate =
      common::parse_number<std::uint32_t>(parameter(text, "maxplaybackrate")).value_or(opus.max_playback_rate);
  opus.max_average_bitrate = common::parse_number<std::uint32_t>(parameter(text, "maxaveragebitrate")).value_or(0);
  opus.stereo = on("stereo");
  opus.use_inband_fec = on("useinbandfec");
  opus.use_dtx = on("usedtx");
  opus.cbr = on("cbr");
  return opus;
}

}  // namespace

codec::Kind Codec::kind() const noexcept {
  if (iequals(name, "PCMU") && clock_rate == 8000 && channels == 1) return codec::Kind::Pcmu;
  if (iequals(name, "PCMA") && clock_rate == 8000 && channels == 1) return codec::Kind::Pcma;
  if (iequals(name, "opus") && clock_rate == 48000) return codec::Kind::Opus;
  if (iequals(name, "telephone-event")) return codec::Kind::TelephoneEvent;
  if (iequals(name, "CN")) return codec::Kind::ComfortNoise;
  return codec::Kind::Other;
}

bool Codec::same_as(const Codec& other) const noexcept {
  return iequals(name, other.name) && clock_rate == other.clock_rate && channels == other.channels;
}

bool Codec::matches(std::string_view rule) const noexcept {
  if (!iequals(common::take_until(rule, '/'), name)) return false;
  if (rule.empty()) return true;
  if (common::parse_number<std::uint32_t>(common::take_until(rule, '/')) != clock_rate) return false;
  std::string_view rule_channels = common::take_until(rule, '/');
  return rule_channels.empty() || common::parse_number<std::uint8_t>(rule_channels) == channels;
}

codec::Format Codec::format() const {
  codec::Format format;
  format.payload_type = payload_type;
  format.kind = kind();
  format.encoding_name = name;
  format.clock_rate = clock_rate;
  format.channels = channels;
  if (format.kind == codec::Kind::Opus) format.opus = opus_parameters(parameters);
  return format;
}

CodecList read_codecs(const sdp::Media& media) {
  CodecList codecs;
  for (const std::string& text : media.formats) {
    const auto payload_type = common::parse_number<std::uint8_t>(text);
    if (!payload_type || *payload_type > 127) continue;
    Codec codec;
    codec.payload_type = *payload_type;
    const auto known = std::ranges::find(kStaticTypes, *payload_type, &StaticType::payload_type);
    if (known != kStaticTypes.end()) {
      codec.name = known->name;
      codec.clock_rate = known->clock_rate;
    }
    for (const auto value : media.lines.attributes("rtpmap")) {
      const auto map = sdp::read_rtpmap(value);
      if (!map || map->payload_type != *payload_type) continue;
      codec.name = map->encoding_name;
      codec.clock_rate = map->clock_rate;
      codec.channels = map->channels;
    }
    const auto values_of = [&](std::string_view attribute, auto take) {
      for (std::string_view value : media.lines.attributes(attribute)) {
        if (common::take_until(value, ' ') == text) take(common::trim(value));
      }
    };
    values_of("fmtp", [&](std::string_view value) { codec.parameters = value; });
    values_of("rtcp-fb", [&](std::string_view value) { codec.feedback.emplace_back(value); });
    if (!codec.name.empty()) codecs.push_back(std::move(codec));
  }
  return codecs;
}

void write_codecs(sdp::Media& media, const CodecList& codecs, bool feedback) {
  // RFC 4585 §4.2: `*` is about every format of the section; none of ours, which the other side knows nothing of.
  std::vector<std::string> for_all;
  if (feedback && std::ranges::any_of(codecs, [](const Codec& codec) { return is_media(codec) && !codec.added; })) {
    for (const auto value : media.lines.attributes("rtcp-fb")) {
      if (value.starts_with("* ")) for_all.emplace_back(value);
    }
  }
  media.formats.clear();
  for (const auto attribute : {"rtpmap", "fmtp", "rtcp-fb"}) media.lines.remove(attribute);
  for (const Codec& codec : codecs) {
    media.formats.push_back(std::to_string(codec.payload_type));
    const std::string prefix = media.formats.back() + ' ';
    media.lines.add("rtpmap", sdp::write_rtpmap({codec.payload_type, codec.name, codec.clock_rate, codec.channels}));
    if (!codec.parameters.empty()) media.lines.add("fmtp", prefix + codec.parameters);
    if (!feedback) continue;
    for (const std::string& item : codec.feedback) media.lines.add("rtcp-fb", prefix + item);
  }
  for (const std::string& value : for_all) media.lines.add("rtcp-fb", value);
}

std::optional<Codec> known_codec(std::string_view rule) {
  static const std::array<Codec, 5> known{{
      {0, "PCMU", 8000, 1, {}, {}, false},
      {8, "PCMA", 8000, 1, {}, {}, false},
      {kFirstDynamic, "opus", 48000, 2, "minptime=10;useinbandfec=1", {}, false},
      {kFirstDynamic, "telephone-event", 8000, 1, "0-16", {}, false},
      {kFirstDynamic, "telephone-event", 48000, 1, "0-16", {}, false},
  }};
  const auto found = std::ranges::find_if(known, [&](const Codec& codec) { return codec.matches(rule); });
  if (found == known.end()) return std::nullopt;
  return *found;
}

void append_codec(CodecList& list, Codec codec) {
  const auto taken = [&](std::uint8_t type) {
    return std::ranges::find(list, type, &Codec::payload_type) != list.end();
  };
  if (codec.payload_type >= kFirstDynamic || taken(codec.payload_type)) {
    codec.payload_type = kFirstDynamic;
    while (codec.payload_type < 127 && taken(codec.payload_type)) ++codec.payload_type;
    if (taken(codec.payload_type)) return;
  }
  list.push_back(std::move(codec));
}

bool is_repair(const Codec& codec) noexcept {
  constexpr std::string_view kRepair[] = {"red", "rtx", "ulpfec", "flexfec-03", "flexfec"};
  return std::ranges::any_of(kRepair, [&](std::string_view name) { return iequals(codec.name, name); });
}

bool is_media(const Codec& codec) noexcept {
  return !codec.is_event() && codec.kind() != codec::Kind::ComfortNoise && !is_repair(codec);
}

std::string_view parameter(std::string_view parameters, std::string_view name) noexcept {
  while (!parameters.empty()) {
    std::string_view item = common::trim(common::take_until(parameters, ';'));
    if (iequals(common::trim(common::take_until(item, '=')), name)) return common::trim(item);
  }
  return {};
}

const Codec* find_same(const CodecList& list, const Codec& codec) noexcept {
  const auto found = std::ranges::find_if(list, [&](const Codec& other) { return other.same_as(codec); });
  return found == list.end() ? nullptr : &*found;
}

const Codec* primary(const CodecList& list) noexcept {
  const auto found = std::ranges::find_if(list, is_media);
  return found == list.end() ? nullptr : &*found;
}

const Codec* find_event(const CodecList& list, std::uint32_t clock_rate) noexcept {
  const auto found = std::ranges::find_if(list, [&](const Codec& codec) {
    return codec.is_event() && (clock_rate == 0 || codec.clock_rate == clock_rate);
  });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace relay::negotiation
