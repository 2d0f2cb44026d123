#include "relay/negotiation/codec_list.h"

#include <catch2/catch.hpp>

using namespace relay;
using namespace relay::negotiation;
using codec::Kind;

namespace {

sdp::Media media_of(std::string_view section) {
  const auto description = sdp::parse("v=0\r\ns=-\r\nt=0 0\r\n" + std::string(section));
  REQUIRE(description);
  return description->media.at(0);
}
CodecList codecs_of(std::string_view section) { return read_codecs(media_of(section)); }
std::string written(sdp::Media media, const CodecList& codecs, bool feedback) {
  write_codecs(media, codecs, feedback);
  return sdp::write({{}, {media}});
}

Codec named(std::string_view name, std::uint32_t clock_rate = 8000, std::uint8_t channels = 1) {
  Codec codec;
  codec.name = name;
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  return codec;
}

constexpr std::string_view kBrowser =
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 110\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
    "a=rtcp-fb:111 nack\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"
    "a=rtpmap:110 telephone-event/48000\r\na=rtcp-fb:* ccm tmmbr\r\n";

}  // namespace

TEST_CASE("codecs come in the order of the section, with all that is said of each", "[codecs][rfc8866]") {
  const CodecList codecs = codecs_of(kBrowser);
  REQUIRE(codecs.size() == 4);
  CHECK(codecs[0].payload_type == 111);
  CHECK(codecs[0].name == "opus");
  CHECK(codecs[0].clock_rate == 48000);
  CHECK(codecs[0].channels == 2);
  CHECK(codecs[0].parameters == "minptime=10;useinbandfec=1");
  CHECK(codecs[0].feedback == std::vector<std::string>{"transport-cc", "nack"});
  CHECK_FALSE(codecs[0].added);
  CHECK(codecs[1].name == "red");
  CHECK(codecs[2].name == "PCMU");
  CHECK(codecs[2].parameters.empty());
  CHECK(codecs[3].is_event());
}

TEST_CASE("static payload types need no rtpmap, and one that is there counts more", "[codecs][rfc3551]") {
  const CodecList codecs = codecs_of("m=audio 9 RTP/AVP 0 8 9 18 13\r\na=rtpmap:8 L8/16000\r\n");
  REQUIRE(codecs.size() == 5);
  CHECK(codecs[0].name == "PCMU");
  CHECK(codecs[1].name == "L8");
  CHECK(codecs[1].clock_rate == 16000);
  CHECK(codecs[2].name == "G722");
  CHECK(codecs[2].clock_rate == 8000);  // as RFC 3551 §4.5.2 has it
  CHECK(codecs[3].name == "G729");
  CHECK(codecs[4].name == "CN");
  const CodecList old = codecs_of("m=audio 9 RTP/AVP 3 4\r\n");
  REQUIRE(old.size() == 2);
  CHECK(old[0].name == "GSM");
  CHECK(old[1].name == "G723");
}

TEST_CASE("formats that are no payload type, or that nothing names, are left out", "[codecs]") {
  CHECK(codecs_of("m=audio 9 RTP/AVP x 128 300 96 0\r\na=rtpmap:97 opus/48000/2\r\n").size() == 1);
}

TEST_CASE("the kind of a codec is told by name, rate and channels, not by case", "[codecs]") {
  CHECK(named("pcmu").kind() == Kind::Pcmu);
  CHECK(named("PCMA").kind() == Kind::Pcma);
  CHECK(named("OPUS", 48000, 2).kind() == Kind::Opus);
  CHECK(named("Telephone-Event", 48000).kind() == Kind::TelephoneEvent);
  CHECK(named("CN").kind() == Kind::ComfortNoise);
  CHECK(named("G722").kind() == Kind::Other);
  CHECK(named("PCMU", 16000).kind() == Kind::Other);
  CHECK(named("PCMA", 8000, 2).kind() == Kind::Other);
  CHECK(named("opus", 8000).kind() == Kind::Other);
}

TEST_CASE("a rule names a codec, perhaps with its rate and channels", "[codecs]") {
  const Codec opus = named("opus", 48000, 2);
  for (const auto* rule : {"opus", "OPUS", "opus/48000", "opus/48000/2"}) CHECK(opus.matches(rule));
  for (const auto* rule : {"", "opu", "opus/8000", "opus/48000/1", "opus/x", "PCMU"}) CHECK_FALSE(opus.matches(rule));
}

TEST_CASE("two codecs are the same whatever their payload types and parameters", "[codecs]") {
  Codec one = named("opus", 48000, 2);
  Codec other = named("OPUS", 48000, 2);
  one.payload_type = 96;
  other.payload_type = 111;
  other.parameters = "usedtx=1";
  CHECK(one.same_as(other));
  CHECK_FALSE(one.same_as(named("opus", 48000, 1)));
  CHECK_FALSE(one.same_as(named("opus", 16000, 2)));
}

TEST_CASE("what the peer wants to receive of Opus is read from its parameters", "[codecs][rfc7587]") {
  Codec codec = named("opus", 48000, 2);
  codec.payload_type = 111;
  codec.parameters = "maxplaybackrate=16000; maxaveragebitrate=20000;stereo=1;UseInbandFEC=1; usedtx=1;cbr=1";
  const codec::Format format = codec.format();
  CHECK(format.payload_type == 111);
  CHECK(format.kind == Kind::Opus);
  CHECK(format.encoding_name == "opus");
  CHECK(format.clock_rate == 48000);
  CHECK(format.channels == 2);
  CHECK(format.opus == codec::OpusParameters{16000, 20000, true, true, true, true});
  codec.parameters = "maxaveragebitrate=fast;useinbandfec=2";
  CHECK(codec.format().opus == codec::OpusParameters{});
}

TEST_CASE("a parameter is found by its whole name, in any case and with spaces around it", "[codecs]") {
  CHECK(parameter("a=1;bb=2; c = 3 ", "bb") == "2");
  CHECK(parameter("a=1;bb=2; c = 3 ", "C") == "3");
  CHECK(parameter("a=1;bb=2", "b").empty());
  CHECK(parameter("flag;a=1", "flag").empty());
  CHECK(parameter("", "a").empty());
}

TEST_CASE("written codecs take the place of what stood there, other attributes stay", "[codecs]") {
  CodecList codecs = codecs_of(kBrowser);
  codecs.erase(codecs.begin() + 1);
  CHECK(written(media_of(kBrowser), codecs, true) ==
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 110\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
        "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtcp-fb:111 transport-cc\r\na=rtcp-fb:111 nack\r\n"
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:110 telephone-event/48000\r\na=rtcp-fb:* ccm tmmbr\r\n");
}

TEST_CASE("without feedback none is written, neither of a codec nor for all", "[codecs][rfc4585]") {
  CHECK(written(media_of(kBrowser), codecs_of(kBrowser), false).find("rtcp-fb") == std::string::npos);
}

TEST_CASE("feedback for all formats is not said of codecs that we alone have offered", "[codecs][rfc4585]") {
  CodecList codecs{*known_codec("opus")};
  codecs[0].added = true;
  CHECK(written(media_of(kBrowser), codecs, true).find("rtcp-fb:*") == std::string::npos);
}

TEST_CASE("codecs that we can offer of our own accord are known by name", "[codecs]") {
  CHECK(known_codec("PCMU")->payload_type == 0);
  CHECK(known_codec("pcma")->payload_type == 8);
  CHECK(known_codec("opus/48000/2")->parameters == "minptime=10;useinbandfec=1");
  CHECK(known_codec("telephone-event")->clock_rate == 8000);
  CHECK(known_codec("telephone-event/48000")->clock_rate == 48000);
  for (const auto* rule : {"G729", "opus/8000", "telephone-event/16000", "", "all"}) CHECK_FALSE(known_codec(rule));
}

TEST_CASE("an appended codec gets its static payload type, or the first dynamic one that is free",
          "[codecs][rfc3551]") {
  CodecList list = codecs_of("m=audio 9 RTP/AVP 8 96 98\r\na=rtpmap:96 x/8000\r\na=rtpmap:98 y/8000\r\n");
  append_codec(list, *known_codec("PCMU"));
  append_codec(list, *known_codec("opus"));
  append_codec(list, *known_codec("telephone-event"));
  REQUIRE(list.size() == 6);
  CHECK(list[3].payload_type == 0);
  CHECK(list[4].payload_type == 97);
  CHECK(list[5].payload_type == 99);
}

TEST_CASE("a static payload type that means something else here is not taken twice", "[codecs]") {
  CodecList list = codecs_of("m=audio 9 RTP/AVP 0\r\na=rtpmap:0 x/8000\r\n");
  append_codec(list, *known_codec("PCMU"));
  CHECK(list.at(1).payload_type == 96);
}

TEST_CASE("a list without a free payload type takes no more", "[codecs]") {
  CodecList list;
  for (int i = 0; i < 40; ++i) append_codec(list, *known_codec("opus"));
  CHECK(list.size() == 32);
  CHECK(list.back().payload_type == 127);
}

TEST_CASE("events, noise and formats that repair others carry no media of their own", "[codecs]") {
  for (const auto* name : {"red", "RTX", "ulpfec", "flexfec", "flexfec-03"}) {
    CHECK(is_repair(named(name)));
    CHECK_FALSE(is_media(named(name)));
  }
  CHECK_FALSE(is_media(named("telephone-event")));
  CHECK_FALSE(is_media(named("CN")));
  CHECK(is_media(named("PCMU")));
  CHECK(is_media(named("anything")));
  CHECK_FALSE(is_repair(named("PCMU")));
}

TEST_CASE("lists are searched for the same codec, the first that carries media, and events of a rate", "[codecs]") {
  const CodecList list{named("telephone-event", 48000), named("CN"), named("PCMU"), named("telephone-event")};
  CHECK(find_same(list, named("pcmu")) == &list[2]);
  CHECK(find_same(list, named("PCMA")) == nullptr);
  CHECK(primary(list) == &list[2]);
  CHECK(primary({}) == nullptr);
  CHECK(find_event(list, 0) == &list[0]);
  CHECK(find_event(list, 8000) == &list[3]);
  CHECK(find_event(list, 16000) == nullptr);
}
