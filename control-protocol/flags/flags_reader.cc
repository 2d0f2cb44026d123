#include <algorithm>

#include "common/base/text.h"
#include "control-protocol/flags/flag_names.h"
#include "control-protocol/flags/flags.h"

namespace ng {
namespace {

using common::iequals;
using common::istarts_with;

/// Keywords compare without case, and with hyphen, underscore and space alike.
bool same_word(std::string_view a, std::string_view b) {
  const auto fold = [](char c) { return c == '_' || c == ' ' ? '-' : common::to_lower(c); };
  return std::ranges::equal(a, b, [&](char x, char y) { return fold(x) == fold(y); });
}

template <class Group, std::size_t N>
bool set_switch(Group& group, const std::array<flag_names::Switch<Group>, N>& names, std::string_view word) {
  for (const auto& [name, member] : names) {
    if (!same_word(name, word)) continue;
    group.*member = true;
    return true;
  }
  return false;
}

template <class Enum, std::size_t N>
bool choose(Enum& chosen, const std::array<flag_names::Choice<Enum>, N>& names, std::string_view word) {
  for (const auto& [name, value] : names) {
    if (!same_word(name, word)) continue;
    chosen = value;
    return true;
  }
  return false;
}

void add_once(std::vector<std::string>& list, std::string_view item) {
  if (!item.empty() && std::ranges::find(list, item) == list.end()) list.emplace_back(item);
}

bool apply_sdes(Sdes& sdes, std::string_view word) {
  if (set_switch(sdes, flag_names::kSdes, word)) return true;
  for (const std::string_view off : {"no", "disable"}) {
    if (same_word(word, off)) return sdes.off = true;
  }
  if (istarts_with(word, "no-")) return add_once(sdes.excluded, word.substr(3)), true;
  if (istarts_with(word, "only-")) return add_once(sdes.only, word.substr(5)), true;
  return false;
}

bool apply_replace(Replace& replace, std::string_view word) { return set_switch(replace, flag_names::kReplace, word); }

bool apply_ice(Flags& flags, std::string_view word) {
  if (same_word(word, "lite")) return flags.ice_lite = true;
  return choose(flags.ice, flag_names::kIce, word);
}

bool apply_family(Flags& flags, std::string_view word) {
  if (iequals(word, "IP4") || iequals(word, "inet")) {
    flags.address_family = common::IpAddress::Family::V4;
  } else if (iequals(word, "IP6") || iequals(word, "inet6")) {
    flags.address_family = common::IpAddress::Family::V6;
  } else {
    return false;
  }
  return true;
}

bool apply_codec(CodecRules& rules, std::string_view rule, std::string_view codec) {
  for (const auto& [name, member] : flag_names::kCodec) {
    if (!same_word(name, rule)) continue;
    add_once(rules.*member, codec);
    return true;
  }
  return false;
}

bool apply_transport(Flags& flags, std::string_view word) {
  const auto protocol = transport_protocol_from(word);
  if (protocol) flags.transport_protocol = protocol;
  return protocol.has_value();
}

bool apply_ptime(Flags& flags, std::string_view word) {
  const auto ptime = common::parse_number<unsigned>(word);
  if (!ptime || *ptime == 0 || *ptime > 200) return false;
  flags.ptime = ptime;
  return true;
}

/// `[a b c]` of rtpp-flags, else the word itself; commas separate too.
Value bracketed(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return text;
  List list;
  for (const auto item : common::split(text.substr(1, text.size() - 2), ' ')) {
    if (!item.empty()) list.emplace_back(item);
  }
  return list;
}

template <class Apply>
bool apply_each(const Value& value, Apply apply) {
  const auto words = value.as_texts();
  return !words.empty() && static_cast<std::size_t>(std::ranges::count_if(words, apply)) == words.size();
}

/// At most two names, of which any may be empty: its place in the list says whose it is.
bool apply_direction(Flags& flags, const Value& value) {
  std::vector<std::string> names = value.as_texts();
  if (const List* list = value.list()) {
    names.clear();
    for (const Value& name : *list) names.push_back(name.as_text());
  }
  if (names.empty()) names.emplace_back();
  if (flags.direction.size() + names.size() > 2) return false;
  flags.direction.insert(flags.direction.end(), names.begin(), names.end());
  return true;
}

bool apply_codec_rules(CodecRules& rules, const Value& value) {
  const Dictionary* by_rule = value.dictionary();
  if (by_rule == nullptr) return false;
  return std::ranges::count_if(*by_rule, [&](const auto& entry) {
           return apply_each(entry.second,
                             [&](const std::string& codec) { return apply_codec(rules, entry.first, codec); });
         }) == static_cast<std::ptrdiff_t>(by_rule->size());
}

struct Prefix {
  std::string_view text;
  bool (*apply)(Flags&, std::string_view rest);
};

constexpr std::array kPrefixes{
    Prefix{"replace-", [](Flags& f, std::string_view w) { return apply_replace(f.replace, w); }},
    Prefix{"rtcp-mux-", [](Flags& f, std::string_view w) { return set_switch(f.rtcp_mux, flag_names::kRtcpMux, w); }},
    Prefix{"SDES-", [](Flags& f, std::string_view w) { return apply_sdes(f.sdes, w); }},
    Prefix{"OSRTP-", [](Flags& f, std::string_view w) { return set_switch(f.osrtp, flag_names::kOsrtp, w); }},
    Prefix{"DTLS-", [](Flags& f, std::string_view w) { return choose(f.dtls, flag_names::kDtls, w); }},
    Prefix{"ICE-", [](Flags& f, std::string_view w) { return apply_ice(f, w); }},
    Prefix{"codec-",
           [](Flags& f, std::string_view w) {
             const auto rule = common::take_until(w, '-');
             return !w.empty() && apply_codec(f.codec, rule, w);
           }},
    Prefix{"transcode-", [](Flags& f, std::string_view w) { return apply_codec(f.codec, "transcode", w); }},
};

}  // namespace

std::string normal_key(std::string_view key) {
  std::string normal = common::to_lower(key);
  std::ranges::replace_if(normal, [](char c) { return c == ' ' || c == '_'; }, '-');
  return normal;
}

std::string_view to_string(TransportProtocol protocol) noexcept {
  return flag_names::kTransport[static_cast<std::size_t>(protocol)].first;
}

std::optional<TransportProtocol> transport_protocol_from(std::string_view text) noexcept {
  for (const auto& [name, protocol] : flag_names::kTransport) {
    if (iequals(name, text)) return protocol;
  }
  return std::nullopt;
}

std::vector<std::string_view> not_supported(const Flags& flags) {
  std::vector<std::string_view> names;
  for (const auto& [name, is_set] : flag_names::kNotSupported) {
    if (is_set(flags)) names.push_back(name);
  }
  return names;
}

bool apply_flag(Flags& flags, std::string_view flag) {
  if (same_word(flag, "trust-address")) flags.sip_source_address = false;  // the later of the two holds
  if (same_word(flag, "SIP-source-address")) flags.trust_address = false;
  if (set_switch(flags, flag_names::kPlain, flag) || apply_transport(flags, flag)) return true;
  if (const auto equals = flag.find('='); equals != std::string_view::npos) {
    const auto value = flag.substr(equals + 1);
    if (value.starts_with('[') && !value.ends_with(']')) return false;  // nobody knows where the list was to end
    return apply_key(flags, flag.substr(0, equals), bracketed(value));
  }
  for (const Prefix& prefix : kPrefixes) {
    if (istarts_with(flag, prefix.text)) return prefix.apply(flags, flag.substr(prefix.text.size()));
  }
  if (iequals(flag, "internal") || iequals(flag, "external")) return apply_direction(flags, flag);
  return false;
}

bool apply_key(Flags& flags, std::string_view key, const Value& value) {
  const std::string name = normal_key(key);
  const auto each = [&](auto apply) { return apply_each(value, apply); };
  if (name == "transport-protocol") return apply_transport(flags, value.as_text());
  if (name == "ice") return each([&](const std::string& w) { return apply_ice(flags, w); });
  if (name == "ice-lite") return flags.ice_lite = true;
  if (name == "dtls") return choose(flags.dtls, flag_names::kDtls, value.as_text());
  if (name == "sdes") return each([&](const std::string& w) { return apply_sdes(flags.sdes, w); });
  if (name == "rtcp-mux") {
    return each([&](const std::string& w) { return set_switch(flags.rtcp_mux, flag_names::kRtcpMux, w); });
  }
  if (name == "replace") return each([&](const std::string& w) { return apply_replace(flags.replace, w); });
  if (name == "osrtp") {
    return each([&](const std::string& w) { return set_switch(flags.osrtp, flag_names::kOsrtp, w); });
  }
  if (name == "address-family") return apply_family(flags, value.as_text());
  if (name == "ptime") return apply_ptime(flags, value.as_text());
  if (name == "codec") return apply_codec_rules(flags.codec, value);
  if (name.starts_with("codec-")) {
    return each([&](const std::string& w) { return apply_codec(flags.codec, std::string_view(name).substr(6), w); });
  }
  if (name == "transcode") return each([&](const std::string& w) { return apply_codec(flags.codec, name, w); });
  if (name == "direction" || name == "interface") return apply_direction(flags, value);
  return false;
}

}  // namespace ng
