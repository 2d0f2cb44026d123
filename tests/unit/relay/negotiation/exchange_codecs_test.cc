#include "relay/codec/codec.h"
#include "tests/unit/relay/negotiation/exchange_scene.h"

using namespace relay;
using namespace relay::negotiation;

namespace {

constexpr std::string_view kVideo =
    "m=video 51002 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 198.51.100.4\r\na=mid:1\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\na=setup:actpass\r\na=fingerprint:sha-256 "
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtcp-fb:* nack pli\r\n"
    "a=rtcp-fb:96 goog-remb\r\na=rtcp-mux\r\n";

}  // namespace

TEST_CASE("the answer to a browser that shares no codec with the trunk is Opus, transcoded", "[negotiation]") {
  Fixture fixture;
  const auto flags = std::string(kTowardsSip) + " codec-mask-all codec-offer-PCMU codec-offer-telephone-event";
  const std::string only_opus = [] {
    std::string text(kBrowserOffer);
    text.replace(text.find("111 63 9 0 8 13 110 126"), 23, "111 110");
    return text;
  }();
  const std::string offered = fixture.offer(only_opus, flags + " transcode-PCMU");
  CAPTURE(offered);
  CHECK(has(offered, "RTP/AVP 0 "));
  CHECK(has(offered, "telephone-event/8000"));
  const std::string answered = fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "UDP/TLS/RTP/SAVPF 111 110\r\n"));
  CHECK(has(answered, "a=setup:passive\r\n"));
  CHECK(has(answered, "a=rtcp-mux\r\n"));
  CHECK(has(answered, "a=mid:0\r\n"));
  CHECK(has(answered, "typ host\r\n"));
  const auto to_trunk = plan_paths(fixture.caller, fixture.callee);
  const auto to_browser = plan_paths(fixture.callee, fixture.caller);
  REQUIRE(action(to_trunk, 111));
  CHECK(std::holds_alternative<session::Transcode>(*action(to_trunk, 111)));
  CHECK(std::get<session::MapEvent>(*action(to_trunk, 110)).to.payload_type == 101);
  CHECK(std::get<session::Transcode>(*action(to_browser, 0)).to.kind == codec::Kind::Opus);
  CHECK(std::get<session::MapEvent>(*action(to_browser, 101)).to.clock_rate == 48000);
  CHECK_FALSE(to_trunk[0].forward_rtcp);
  CHECK(action(to_trunk, 63) == nullptr);
}

TEST_CASE("a codec that both sides share passes through, with its own payload type on each", "[negotiation]") {
  Fixture fixture;
  fixture.offer(kBrowserOffer, kTowardsSip);
  const std::string answered = fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CHECK(has(answered, "SAVPF 0 126\r\n"));
  const auto to_trunk = plan_paths(fixture.caller, fixture.callee);
  CHECK(std::get<session::Forward>(*action(to_trunk, 0)).payload_type == 0);
  CHECK(std::get<session::Forward>(*action(to_trunk, 126)).payload_type == 101);
  CHECK(to_trunk[0].forward_rtcp);
}

TEST_CASE("masked codecs are transcoded even if both sides have the one the trunk takes", "[negotiation]") {
  Fixture fixture;
  const std::string offered =
      fixture.offer(kBrowserOffer, std::string(kTowardsSip) + " codec-mask-all transcode-PCMU transcode-PCMA");
  CAPTURE(offered);
  CHECK(has(offered, "RTP/AVP 0 8 126\r\n"));
  CHECK(has(offered, "a=rtpmap:126 telephone-event/8000\r\n"));
  CHECK_FALSE(has(offered, "48000"));
  const std::string answered = fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "UDP/TLS/RTP/SAVPF 111 110\r\n"));
  const auto to_trunk = plan_paths(fixture.caller, fixture.callee);
  const auto to_browser = plan_paths(fixture.callee, fixture.caller);
  CHECK(std::get<session::Transcode>(*action(to_trunk, 111)).to.kind == codec::Kind::Pcmu);
  CHECK(std::get<session::MapEvent>(*action(to_trunk, 110)).to.payload_type == 101);
  CHECK(std::get<session::Transcode>(*action(to_browser, 0)).to.payload_type == 111);
  CHECK(std::get<session::MapEvent>(*action(to_browser, 101)).to.payload_type == 110);
}

TEST_CASE("a masked trunk's offer reaches a browser as Opus alone and is answered with the trunk's codec",
          "[negotiation]") {
  Fixture fixture;
  const std::string offered =
      fixture.offer(kTrunkOffer, std::string(kTowardsBrowser) + " codec-mask-all transcode-opus");
  CAPTURE(offered);
  CHECK(has(offered, "UDP/TLS/RTP/SAVPF 96 97\r\n"));
  CHECK(has(offered, "a=rtpmap:97 telephone-event/48000\r\n"));
  std::string answer(kBrowserOffer);
  answer.replace(answer.find("111 63 9 0 8 13 110 126"), 23, "96 97");
  answer.replace(answer.find("a=setup:actpass"), 15, "a=setup:active");
  answer += "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\n";
  const std::string answered = fixture.answer(answer, kTowardsSip);
  CAPTURE(answered);
  CHECK(has(answered, "RTP/AVP 8 101\r\n"));
}

TEST_CASE("a browser with Opus and telephone-event at 8000 only keeps its digits", "[negotiation]") {
  Fixture fixture;
  std::string firefox(kBrowserOffer);
  firefox.replace(firefox.find("111 63 9 0 8 13 110 126"), 23, "111 126");
  fixture.offer(firefox, std::string(kTowardsSip) + " codec-mask-all transcode-PCMU");
  CHECK(has(fixture.answer(kTrunkAnswer, kTowardsBrowser), "SAVPF 111 126\r\n"));
  CHECK(std::get<session::MapEvent>(*action(plan_paths(fixture.caller, fixture.callee), 126)).to.payload_type == 101);
}

TEST_CASE("RED and the like go to WebRTC peers only, and only with their codec", "[negotiation]") {
  const std::string to_browser = "trust-address ICE=force UDP/TLS/RTP/SAVPF";
  CHECK(has(Fixture().offer(kBrowserOffer, to_browser), "a=rtpmap:63 red/48000/2"));
  CHECK_FALSE(has(Fixture().offer(kBrowserOffer, to_browser + " codec-strip-opus"), "red"));
  CHECK_FALSE(has(Fixture().offer(kBrowserOffer, kTowardsSip), "red"));
}

TEST_CASE("stripped codecs are gone for both sides, masked ones only for the callee", "[negotiation]") {
  std::string no_g711(kTrunkAnswer);
  no_g711.replace(no_g711.find("a=rtpmap:0 PCMU/8000"), 20, "a=rtpmap:8 PCMA/8000");
  no_g711.replace(no_g711.find("RTP/AVP 0 101"), 13, "RTP/AVP 8 101");
  const auto answered = [&](const std::string& rules) {
    Fixture fixture;
    const std::string offered = fixture.offer(kBrowserOffer, std::string(kTowardsSip) + rules);
    CAPTURE(offered);
    CHECK_FALSE(has(offered, "opus"));
    return fixture.answer(no_g711, kTowardsBrowser);
  };
  const std::string callee_takes_pcma = " codec-%-opus codec-%-PCMA codec-%-G722 codec-%-CN transcode-PCMA";
  const auto with = [&](std::string_view verb) {
    std::string rules = callee_takes_pcma;
    for (auto at = rules.find('%'); at != std::string::npos; at = rules.find('%')) rules.replace(at, 1, verb);
    return rules;
  };
  CHECK(has(answered(with("mask")), "SAVPF 111 110\r\n"));
  CHECK(has(answered(with("strip")), "SAVPF 0 126\r\n"));
  CHECK(has(Fixture().offer(kBrowserOffer, std::string(kTowardsSip) + " codec-strip-all"), "error: No codec is left"));
}

TEST_CASE("strip-all leaves what offer, except and transcode name; strip-full takes what transcode names too",
          "[negotiation]") {
  const auto offered = [](const std::string& rules) {
    Fixture fixture;
    const std::string out = fixture.offer(kBrowserOffer, std::string(kTowardsSip) + rules);
    std::vector<std::pair<std::string, bool>> named;
    if (fixture.callee.media.empty()) return named;
    for (const Codec& codec : fixture.callee.media[0].codecs) {
      if (!codec.is_event()) named.emplace_back(codec.name, codec.added);
    }
    return named;
  };
  using Named = std::vector<std::pair<std::string, bool>>;
  CHECK(offered(" codec-strip-all codec-offer-PCMA codec-offer-PCMU") == Named{{"PCMA", false}, {"PCMU", false}});
  CHECK(offered(" codec-strip-all codec-except-PCMA codec-except-PCMU") == Named{{"PCMU", false}, {"PCMA", false}});
  CHECK(offered(" codec-strip-all transcode-PCMA") == Named{{"PCMA", false}});
  CHECK(offered(" codec-strip-full codec-except-PCMU transcode-PCMA") == Named{{"PCMU", false}, {"PCMA", true}});
  CHECK(offered(" codec-strip-PCMA codec-mask-all codec-except-PCMU transcode-PCMA") ==
        Named{{"PCMU", false}, {"PCMA", true}});
  CHECK(offered(" codec-offer-PCMA") ==
        Named{{"PCMA", false}, {"opus", false}, {"G722", false}, {"PCMU", false}, {"CN", false}});
}

TEST_CASE("a section that has no codec left is refused in its place, the call goes on", "[negotiation]") {
  const std::string restricted = std::string(kTowardsSip) + " codec-mask-all transcode-PCMU";
  Fixture fixture;
  std::string video_first(kBrowserOffer);
  video_first.insert(video_first.find("m=audio"), kVideo);
  const std::string offered = fixture.offer(video_first, restricted);
  CAPTURE(offered);
  CHECK(has(offered, "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\n"));
  CHECK(offered.find("m=video 0") < offered.find("m=audio 30002"));
  CHECK(fixture.next_port == 30004);
  std::string answer(kTrunkAnswer);
  answer.insert(answer.find("m=audio"), "m=video 0 RTP/AVP 96 97\r\n");
  const std::string answered = fixture.answer(answer, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\n"));
  CHECK(answered.find("m=video 0") < answered.find("m=audio 30000 UDP/TLS/RTP/SAVPF 111 110\r\n"));
  CHECK(plan_legs(fixture.caller, fixture.environment).size() == 1);
  CHECK(plan_paths(fixture.caller, fixture.callee).size() == 1);

  // The next offer goes where the rules are others: the section opens again.
  CHECK(has(fixture.offer(video_first, kTowardsSip), "m=video 30006 RTP/AVP 96\r\n"));
  CHECK(has(Fixture().offer("v=0\r\no=- 1 1 IN IP4 198.51.100.4\r\ns=-\r\nt=0 0\r\n" + std::string(kVideo), restricted),
            "error: No codec is left to offer"));
}

TEST_CASE("a section in whose answer no codec is shared is refused, the others go on", "[negotiation]") {
  Fixture fixture;
  fixture.offer(std::string(kBrowserOffer) + std::string(kVideo), kTowardsSip);
  const std::string with_h264 = std::string(kTrunkAnswer) + "m=video 7002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n";
  const std::string answered = fixture.answer(with_h264, kTowardsBrowser);
  CAPTURE(answered);
  CHECK(has(answered, "m=audio 30000 UDP/TLS/RTP/SAVPF 0 126\r\n"));
  CHECK(has(answered, "m=video 0 UDP/TLS/RTP/SAVPF 99\r\na=rtpmap:99 H264/90000\r\na=mid:1\r\n"));
  CHECK(plan_legs(fixture.callee, fixture.environment).size() == 1);
  Fixture alone;
  alone.offer(kTrunkOffer, "RTP/AVP");
  std::string none(kTrunkAnswer);
  none.replace(none.find("a=rtpmap:0 PCMU/8000"), 20, "a=rtpmap:0 SPEEX/8000");
  CHECK(has(alone.answer(none, "RTP/AVP"), "error: The two sides share no codec"));
}

TEST_CASE("feedback for every format of a section is passed on where there is feedback", "[negotiation]") {
  const std::string both = std::string(kBrowserOffer) + std::string(kVideo);
  const std::string to_browser = Fixture().offer(both, "ICE=force UDP/TLS/RTP/SAVPF");
  CHECK(has(to_browser, "a=rtcp-fb:* nack pli\r\n"));
  CHECK(has(to_browser, "a=rtcp-fb:96 goog-remb\r\n"));
  CHECK(to_browser.find("rtcp-fb:*") > to_browser.find("m=video"));
  CHECK_FALSE(has(Fixture().offer(both, kTowardsSip), "rtcp-fb"));
  const std::string audio = std::string(kTrunkOffer) + "a=rtcp-fb:* ccm tmmbr\r\n";
  CHECK(has(Fixture().offer(audio, kTowardsBrowser), "a=rtcp-fb:* ccm tmmbr\r\n"));
  CHECK_FALSE(
      has(Fixture().offer(audio, std::string(kTowardsBrowser) + " codec-mask-all transcode-opus"), "rtcp-fb:*"));
}

TEST_CASE("codec except spares a codec from mask and adds none that was not offered", "[negotiation]") {
  Fixture fixture;
  const std::string out = fixture.offer(
      kBrowserOffer, std::string(kTowardsSip) + " codec-mask-all codec-except-PCMA codec-except-GSM transcode-PCMU");
  CHECK(has(out, "RTP/AVP 8 0 126\r\n"));
  CHECK_FALSE(fixture.callee.media[0].codecs[0].added);
  CHECK(fixture.callee.media[0].codecs[1].added);
  std::string answer(kTrunkAnswer);
  answer.replace(answer.find("RTP/AVP 0"), 9, "RTP/AVP 8");
  CHECK(has(fixture.answer(answer, kTowardsBrowser), "SAVPF 8 126\r\n"));
}

TEST_CASE("what is transcoded goes out in packets as long as the receiver wants and at most as it takes",
          "[negotiation]") {
  struct Times {
    int wanted;
    int longest;
    bool operator==(const Times&) const = default;
  };
  const auto to_browser = [](std::string_view lines) {
    Fixture fixture;
    fixture.offer(std::string(kBrowserOffer) + std::string(lines),
                  std::string(kTowardsSip) + " codec-mask-all transcode-PCMU");
    fixture.answer(kTrunkAnswer, kTowardsBrowser);
    const auto paths = plan_paths(fixture.callee, fixture.caller);
    const codec::Format& format = std::get<session::Transcode>(*action(paths, 0)).to;
    return Times{format.ptime, format.max_ptime};
  };
  CHECK(to_browser("") == Times{20, 120});
  CHECK(to_browser("a=ptime:60\r\na=maxptime:40\r\n") == Times{60, 40});
  CHECK(to_browser("a=maxptime: 20 \r\n") == Times{20, 20});
  CHECK(to_browser("a=ptime:30.5\r\na=maxptime:62.5\r\n") == Times{30, 62});
  CHECK(to_browser("a=ptime:0\r\na=maxptime:0\r\n") == Times{20, 120});
  CHECK(to_browser("a=ptime:3\r\na=maxptime:3\r\n") == Times{10, 10});
  CHECK(to_browser("a=ptime:200\r\na=maxptime:500\r\n") == Times{120, 120});
  CHECK(to_browser("a=ptime:long\r\na=maxptime:-20\r\n") == Times{20, 120});
}

TEST_CASE("a packet time asked for by flag stands above the receiver's wish, not above what it takes",
          "[negotiation]") {
  Fixture fixture;
  auto request = Fixture::request(std::string(kTowardsSip) + " codec-mask-all transcode-PCMU");
  request.flags.ptime = 60;
  REQUIRE(relay_offer(*sdp::parse(kBrowserOffer), request, fixture.caller, fixture.callee, fixture.environment));
  fixture.answer(std::string(kTrunkAnswer) + "a=maxptime:30\r\n", kTowardsBrowser);
  const auto to_trunk = plan_paths(fixture.caller, fixture.callee);
  const codec::Format& format = std::get<session::Transcode>(*action(to_trunk, 111)).to;
  CHECK(format.ptime == 60);
  CHECK(format.max_ptime == 30);
  CHECK(codec::usable_ptime(format) == 30);
}
