#include "relay/negotiation/codec_rules.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/base/text.h"

using namespace relay;
using namespace relay::negotiation;

namespace {

Codec make(std::uint8_t payload_type, std::string_view name, std::uint32_t clock_rate = 8000, std::uint8_t channels = 1,
           std::string_view parameters = "") {
  Codec codec;
  codec.payload_type = payload_type;
  codec.name = name;
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  codec.parameters = parameters;
  return codec;
}

/// A browser's audio.
const CodecList kBrowser{make(111, "opus", 48000, 2),
                         make(63, "red", 48000, 2, "111/111"),
                         make(9, "G722"),
                         make(0, "PCMU"),
                         make(8, "PCMA"),
                         make(13, "CN"),
                         make(110, "telephone-event", 48000),
                         make(126, "telephone-event")};
const CodecList kVideo{make(96, "VP8", 90000), make(97, "rtx", 90000, 1, "apt=96"), make(98, "H264", 90000),
                       make(99, "rtx", 90000, 1, "apt=98"), make(100, "ulpfec", 90000)};

/// Flags as they stand in a request.
ng::CodecRules rules_of(std::string_view text) {
  ng::Flags flags;
  for (const auto flag : common::split(text, ' ')) {
    if (!flag.empty()) REQUIRE(ng::apply_flag(flags, flag));
  }
  return flags.codec;
}

using Names = std::vector<std::string>;

Names names_of(const CodecList& list) {
  Names names;
  for (const Codec& codec : list) {
    names.push_back(codec.is_event() ? "event/" + std::to_string(codec.clock_rate) : codec.name);
    if (codec.added) names.back() += '+';
  }
  return names;
}
Names stripped(std::string_view flags, const CodecList& theirs = kBrowser, bool audio = true) {
  return names_of(without_stripped(theirs, rules_of(flags), audio));
}
Names offered(std::string_view flags, const CodecList& theirs = kBrowser, bool audio = true, bool webrtc = false) {
  return names_of(codecs_to_offer(theirs, rules_of(flags), audio, webrtc));
}

}  // namespace

TEST_CASE("without rules everything stays", "[codecs]") {
  CHECK(stripped("") == names_of(kBrowser));
  CHECK(offered("", kBrowser, true, true).size() == kBrowser.size());
}

TEST_CASE("strip takes the named codecs, with all of a name's rates unless one is named", "[codecs]") {
  CHECK(stripped("codec-strip-opus codec-strip-G722") ==
        Names{"red", "PCMU", "PCMA", "CN", "event/48000", "event/8000"});
  CHECK(stripped("codec-strip-telephone-event") == Names{"opus", "red", "G722", "PCMU", "PCMA", "CN"});
  CHECK(stripped("codec-strip-telephone-event/48000").back() == "event/8000");
  CHECK(stripped("codec-strip-G729") == names_of(kBrowser));
}

TEST_CASE("strip all leaves events, and what except, offer and transcode name", "[codecs]") {
  CHECK(stripped("codec-strip-all") == Names{"event/48000", "event/8000"});
  CHECK(stripped("codec-strip-ALL codec-except-PCMU") == Names{"PCMU", "event/48000", "event/8000"});
  CHECK(stripped("codec-strip-all codec-offer-PCMA") == Names{"PCMA", "event/48000", "event/8000"});
  CHECK(stripped("codec-strip-all transcode-opus") == Names{"opus", "event/48000", "event/8000"});
}

TEST_CASE("strip full takes what transcode names too, and so does its name", "[codecs]") {
  CHECK(stripped("codec-strip-full transcode-opus") == Names{"event/48000", "event/8000"});
  CHECK(stripped("codec-strip-opus transcode-opus").front() == "red");
  CHECK(stripped("codec-strip-full codec-except-opus") == Names{"opus", "event/48000", "event/8000"});
}

TEST_CASE("outside of audio events have no privilege", "[codecs]") {
  CHECK(stripped("codec-strip-all", kBrowser, false).empty());
  CHECK(offered("codec-mask-all", kBrowser, false).empty());
}

TEST_CASE("mask hides codecs from the callee, except and offer spare some", "[codecs]") {
  CHECK(offered("codec-mask-opus codec-mask-G722 codec-mask-CN") == Names{"PCMU", "PCMA", "event/8000"});
  CHECK(offered("codec-mask-all codec-except-PCMA") == Names{"PCMA", "event/8000"});
  CHECK(offered("codec-offer-PCMU codec-mask-full") == Names{"PCMU", "event/8000"});
}

TEST_CASE("transcode adds what is missing, once, and marks it as ours", "[codecs]") {
  CHECK(offered("codec-mask-all transcode-PCMU transcode-opus") ==
        Names{"PCMU+", "opus+", "event/48000", "event/8000"});
  CHECK(offered("codec-mask-all codec-except-PCMU transcode-PCMU") == Names{"PCMU", "event/8000"});
  CHECK(offered("codec-mask-all transcode-PCMA transcode-PCMA transcode-G729") == Names{"PCMA+", "event/8000"});
}

TEST_CASE("an added codec takes no payload type of another", "[codecs]") {
  CodecList theirs = kBrowser;
  theirs[0].payload_type = 96;
  theirs.erase(theirs.begin() + 3);  // PCMU
  const CodecList list = codecs_to_offer(theirs, rules_of("transcode-PCMU"), true, false);
  std::vector<int> types;
  for (const Codec& codec : list) types.push_back(codec.payload_type);
  std::ranges::sort(types);
  CHECK(std::ranges::adjacent_find(types) == types.end());
  CHECK(std::ranges::find(types, 0) != types.end());
}

TEST_CASE("events are offered at the rates of the codecs that are left, if the caller knows events",
          "[codecs][rfc4733]") {
  const CodecList only_48000{make(111, "opus", 48000, 2), make(110, "telephone-event", 48000)};
  CHECK(offered("codec-mask-opus transcode-PCMU", only_48000) == Names{"PCMU+", "event/8000"});
  CHECK(offered("transcode-PCMU", only_48000) == Names{"opus", "PCMU+", "event/48000", "event/8000"});
  const CodecList no_events{make(0, "PCMU")};
  CHECK(offered("transcode-opus", no_events) == Names{"PCMU", "opus+"});
  CHECK(offered("codec-mask-opus") == Names{"G722", "PCMU", "PCMA", "CN", "event/8000"});
}

TEST_CASE("codecs that offer names come first in its order, events and noise after all media", "[codecs]") {
  CHECK(offered("codec-offer-PCMA codec-offer-G722") ==
        Names{"PCMA", "G722", "opus", "PCMU", "CN", "event/48000", "event/8000"});
  const CodecList event_first{make(101, "telephone-event"), make(0, "PCMU")};
  CHECK(offered("", event_first) == Names{"PCMU", "event/8000"});
}

TEST_CASE("formats that repair go to WebRTC peers alone, each with its codec", "[codecs]") {
  CHECK(offered("", kVideo, false, false) == Names{"VP8", "H264"});
  CHECK(offered("", kVideo, false, true) == Names{"VP8", "rtx", "H264", "rtx", "ulpfec"});
  CHECK(offered("codec-mask-VP8", kVideo, false, true) == Names{"H264", "rtx", "ulpfec"});
  CHECK(offered("codec-mask-VP8 codec-mask-H264", kVideo, false, true).empty());
  CHECK(offered("codec-mask-opus", kBrowser, true, true) == offered("codec-mask-opus"));  // RED went with it
  CHECK(offered("", kBrowser, true, true) != offered(""));
}

TEST_CASE("outside of audio nothing is added", "[codecs]") {
  CHECK(offered("transcode-PCMU", kVideo, false) == Names{"VP8", "H264"});
}
