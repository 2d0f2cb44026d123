#include <algorithm>

#include "control-protocol/flags/flag_names.h"
#include "control-protocol/flags/flags.h"

namespace ng {
namespace {

template <class Group, std::size_t N>
List words_of(const Group& group, const std::array<flag_names::Switch<Group>, N>& names) {
  List words;
  for (const auto& [name, member] : names) {
    if (group.*member) words.emplace_back(name);
  }
  return words;
}

template <class Enum, std::size_t N>
std::string_view word_of(Enum value, const std::array<flag_names::Choice<Enum>, N>& names) {
  const auto found = std::ranges::find(names, value, &flag_names::Choice<Enum>::second);
  return found == names.end() ? std::string_view{} : found->first;
}

List list_of(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

void put(Dictionary& request, std::string_view key, List words) {
  if (!words.empty()) request.insert_or_assign(std::string(key), std::move(words));
}

void put(Dictionary& request, std::string_view key, std::string_view word) {
  if (!word.empty()) request.insert_or_assign(std::string(key), word);
}

List sdes_words(const Sdes& sdes) {
  List words = words_of(sdes, flag_names::kSdes);
  for (const auto& suite : sdes.excluded) words.emplace_back("no-" + suite);
  for (const auto& suite : sdes.only) words.emplace_back("only-" + suite);
  return words;
}

Dictionary codec_dictionary(const CodecRules& rules) {
  Dictionary codec;
  for (const auto& [name, member] : flag_names::kCodec) put(codec, name, list_of(rules.*member));
  return codec;
}

}  // namespace

void write_flags(const Flags& flags, Dictionary& request) {
  if (flags.transport_protocol) put(request, "transport-protocol", to_string(*flags.transport_protocol));
  put(request, "ICE", word_of(flags.ice, flag_names::kIce));
  if (flags.ice_lite) put(request, "ICE-lite", "forward");
  put(request, "DTLS", word_of(flags.dtls, flag_names::kDtls));
  put(request, "SDES", sdes_words(flags.sdes));
  put(request, "rtcp-mux", words_of(flags.rtcp_mux, flag_names::kRtcpMux));
  put(request, "replace", words_of(flags.replace, flag_names::kReplace));
  put(request, "OSRTP", words_of(flags.osrtp, flag_names::kOsrtp));
  put(request, "direction", list_of(flags.direction));
  put(request, "flags", words_of(flags, flag_names::kPlain));
  if (auto codec = codec_dictionary(flags.codec); !codec.empty()) request.insert_or_assign("codec", std::move(codec));
  if (flags.ptime) request.insert_or_assign("ptime", *flags.ptime);
  if (flags.address_family) {
    put(request, "address family", *flags.address_family == common::IpAddress::Family::V4 ? "IP4" : "IP6");
  }
}

}  // namespace ng
