#include "relay/negotiation/codec_rules.h"

#include <algorithm>

#include "common/base/text.h"

namespace relay::negotiation {
namespace {

using common::iequals;

bool any_matches(const std::vector<std::string>& rules, const Codec& codec) {
  return std::ranges::any_of(rules, [&](const std::string& rule) { return codec.matches(rule); });
}

bool any_is(const std::vector<std::string>& rules, std::string_view word) {
  return std::ranges::any_of(rules, [&](const std::string& rule) { return iequals(rule, word); });
}

bool takes_all(const std::vector<std::string>& rules) { return any_is(rules, "all") || any_is(rules, "full"); }

bool is_spared(const ng::CodecRules& rules, const Codec& codec) {
  return any_matches(rules.except, codec) || any_matches(rules.offer, codec);
}

/// The codecs that `offer` names come first, in its order.
void sort_as_offered(CodecList& list, const std::vector<std::string>& offer) {
  std::ranges::stable_sort(list, {}, [&](const Codec& codec) {
    return std::ranges::find_if(offer, [&](const std::string& rule) { return codec.matches(rule); }) - offer.begin();
  });
}

/// The payload type that a repair format belongs to: `apt=96`, or `111/111` for RED; nothing if it names none.
std::optional<std::uint8_t> repaired_type(const Codec& codec) {
  std::string_view value = parameter(codec.parameters, "apt");
  if (value.empty()) {
    value = codec.parameters;
    value = common::take_until(value, '/');
  }
  return common::parse_number<std::uint8_t>(common::trim(value));
}

/// Repair formats whose codec has gone go too.
void drop_idle_repair(CodecList& list, bool webrtc) {
  const auto has_type = [&](std::uint8_t type) {
    return std::ranges::any_of(list, [&](const Codec& c) { return !is_repair(c) && c.payload_type == type; });
  };
  const bool media = std::ranges::any_of(list, is_media);
  std::erase_if(list, [&](const Codec& codec) {
    if (!is_repair(codec)) return false;
    const auto type = repaired_type(codec);
    return !webrtc || !media || (type && !has_type(*type));
  });
}

/// telephone-events at rates that no codec has go; those of rates that lack one come, if the caller knows events at
/// all.
void fit_events(CodecList& list, const CodecList& theirs) {
  const auto has_rate = [&](std::uint32_t rate) {
    return std::ranges::any_of(list, [&](const Codec& c) { return is_media(c) && c.clock_rate == rate; });
  };
  std::erase_if(list, [&](const Codec& c) { return c.is_event() && !has_rate(c.clock_rate); });
  if (find_event(theirs, 0) == nullptr) return;
  for (const std::uint32_t rate : {8000u, 48000u}) {
    if (has_rate(rate) && find_event(list, rate) == nullptr) {
      append_codec(list, *known_codec("telephone-event/" + std::to_string(rate)));
    }
  }
}

}  // namespace

CodecList without_stripped(const CodecList& theirs, const ng::CodecRules& rules, bool audio) {
  CodecList left = theirs;
  const bool all = takes_all(rules.strip);
  std::erase_if(left, [&](const Codec& codec) {
    if (is_spared(rules, codec)) return false;
    if (any_matches(rules.strip, codec)) return true;
    const bool restored = !any_is(rules.strip, "full") && any_matches(rules.transcode, codec);
    const bool event_rides_along = audio && codec.is_event();
    return all && !restored && !event_rides_along;
  });
  return left;
}

CodecList codecs_to_offer(const CodecList& theirs, const ng::CodecRules& rules, bool audio, bool webrtc) {
  CodecList offered;
  const bool all = takes_all(rules.mask);
  for (const Codec& codec : theirs) {
    const bool masked = all || any_matches(rules.mask, codec);
    const bool event_rides_along = audio && codec.is_event();
    if (is_spared(rules, codec) || !masked || event_rides_along) offered.push_back(codec);
  }
  drop_idle_repair(offered, webrtc);
  if (audio) {
    for (const std::string& rule : rules.transcode) {
      auto codec = known_codec(rule);
      if (!codec || find_same(offered, *codec) != nullptr) continue;
      codec->added = true;
      append_codec(offered, std::move(*codec));
    }
    fit_events(offered, theirs);
  }
  sort_as_offered(offered, rules.offer);
  if (audio) std::ranges::stable_partition(offered, is_media);
  return offered;
}

}  // namespace relay::negotiation
