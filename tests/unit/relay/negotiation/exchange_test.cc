#include "tests/unit/relay/negotiation/exchange_scene.h"

using namespace relay;
using namespace relay::negotiation;

TEST_CASE("a browser's offer becomes plain RTP for a trunk, without what only browsers understand", "[negotiation]") {
  Fixture fixture;
  const std::string out = fixture.offer(kBrowserOffer, std::string(kTowardsSip) + " codec-strip-opus transcode-PCMU");
  CAPTURE(out);
  CHECK(has(out, " RTP/AVP "));
  CHECK(has(out, "c=IN IP4 192.0.2.10\r\n"));
  CHECK(has(out, "o=- 4611 2 IN IP4 192.0.2.10\r\n"));
  for (const auto text : {"candidate", "ice-", "fingerprint", "setup", "extmap", "msid", "ssrc", "rtcp-mux", "rtcp-fb",
                          "group", "a=mid", "telephone-event/48000"}) {
    CHECK_FALSE(has(out, text));
  }
  CHECK(has(out, "a=rtpmap:126 telephone-event/8000\r\n"));
  CHECK(out.size() < 1200);
}

TEST_CASE("an offer of rtcp-mux keeps a port for RTCP until it is taken", "[negotiation]") {
  const auto candidates = [](const std::string& sdp) {
    return read_remote_media(*sdp::parse(sdp), 0).candidates.size();
  };
  Fixture fixture;
  CHECK(candidates(fixture.offer(kTrunkOffer, kTowardsBrowser)) == 2);
  CHECK(plan_legs(fixture.callee, fixture.environment).at(0).ice->local_candidates.size() == 2);
  std::string answer(kBrowserOffer);
  answer.replace(answer.find("111 63 9 0 8 13 110 126"), 23, "8 126");
  fixture.answer(answer, kTowardsSip);
  CHECK(plan_legs(fixture.callee, fixture.environment).at(0).ice->local_candidates.size() == 1);
  CHECK(candidates(fixture.offer(kTrunkOffer, kTowardsBrowser)) == 1);
  CHECK(candidates(Fixture().offer(kTrunkOffer, std::string(kTowardsBrowser) + " rtcp-mux-require")) == 1);
}

TEST_CASE("an address that is not known yet is hold without ICE and nothing with it", "[negotiation]") {
  std::string trickling(kBrowserOffer);
  trickling.replace(trickling.find("c=IN IP4 198.51.100.4"), 21, "c=IN IP4 0.0.0.0");
  Fixture fixture;
  fixture.offer(trickling, kTowardsSip);
  fixture.answer(kTrunkAnswer, kTowardsBrowser);
  CHECK(plan_legs(fixture.caller, fixture.environment).at(0).sends);
  Fixture plain;
  std::string held(kTrunkOffer);
  held.replace(held.find("c=IN IP4 203.0.113.5"), 20, "c=IN IP4 0.0.0.0");
  plain.offer(held, "trust-address RTP/AVP");
  plain.answer(kTrunkAnswer, "trust-address RTP/AVP");
  CHECK_FALSE(plan_legs(plain.caller, plain.environment).at(0).sends);
}

TEST_CASE("a trunk's offer reaches a browser with ICE, a fingerprint and a mid", "[negotiation]") {
  Fixture fixture;
  const std::string out = fixture.offer(kTrunkOffer, std::string(kTowardsBrowser) + " transcode-opus");
  CAPTURE(out);
  CHECK(has(out, "UDP/TLS/RTP/SAVPF 8 0 96 "));
  CHECK(has(out, "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 minptime=10;useinbandfec=1\r\n"));
  CHECK(has(out, "telephone-event/48000"));
  CHECK(has(out, "a=setup:actpass\r\n"));
  CHECK(has(out, "a=mid:0\r\n"));
  CHECK(has(out, "a=ice-ufrag:"));
  const auto legs = plan_legs(fixture.callee, fixture.environment);
  REQUIRE(legs.size() == 1);
  REQUIRE(legs[0].ice);
  CHECK(legs[0].ice->controlling);
}

TEST_CASE("a repeated offer keeps ports, keys and credentials", "[negotiation]") {
  Fixture fixture;
  const std::string first = fixture.offer(kTrunkOffer, std::string(kTowardsBrowser));
  CHECK(fixture.offer(kTrunkOffer, std::string(kTowardsBrowser)) == first);
  CHECK(fixture.next_port == 30004);
}

TEST_CASE("hold is passed on and stops media in the right direction", "[negotiation]") {
  Fixture fixture;
  fixture.offer(std::string(kTrunkOffer) + "a=sendonly\r\n", "trust-address RTP/AVP");
  const std::string answered = fixture.answer(std::string(kTrunkAnswer) + "a=recvonly\r\n", "trust-address RTP/AVP");
  CHECK(has(answered, "a=recvonly\r\n"));
  CHECK_FALSE(plan_legs(fixture.caller, fixture.environment).at(0).sends);
  CHECK_FALSE(plan_legs(fixture.callee, fixture.environment).at(0).receives);
}

TEST_CASE("the SDP address is trusted unless SIP-source-address says otherwise", "[negotiation]") {
  const auto remote = [](std::string_view flags) {
    Fixture fixture;
    auto request = Fixture::request(flags);
    request.received_from = common::IpAddress::parse("198.51.100.77");
    REQUIRE(relay_offer(*sdp::parse(kTrunkOffer), request, fixture.caller, fixture.callee, fixture.environment));
    const auto leg = std::move(plan_legs(fixture.caller, fixture.environment).at(0));
    CHECK(leg.latch.signalling_source == request.received_from);
    return std::pair{leg.remote_rtp->to_string(), leg.latch.trust_sdp};
  };
  const std::pair<std::string, bool> by_sdp{"203.0.113.5:7000", true};
  const std::pair<std::string, bool> by_source{"198.51.100.77:7000", false};
  CHECK(remote("RTP/AVP") == by_sdp);
  CHECK(remote("RTP/AVP trust-address") == by_sdp);
  CHECK(remote("RTP/AVP SIP-source-address") == by_source);
  CHECK(remote("trust-address RTP/AVP SIP-source-address") == by_source);
  CHECK(remote("SIP-source-address RTP/AVP trust-address") == by_sdp);
}

TEST_CASE("asymmetric turns learning off for the sender of the SDP, as long as it is said", "[negotiation]") {
  Fixture fixture;
  const auto learns = [&](const Side& side) { return plan_legs(side, fixture.environment).at(0).latch.learns; };
  fixture.offer(kTrunkOffer, "RTP/AVP");
  fixture.answer(kTrunkAnswer, "RTP/AVP asymmetric");
  CHECK(learns(fixture.caller));
  CHECK_FALSE(learns(fixture.callee));
  fixture.offer(kTrunkOffer, "RTP/AVP symmetric asymmetric");
  fixture.answer(kTrunkAnswer, "RTP/AVP symmetric");
  CHECK_FALSE(learns(fixture.caller));
  CHECK(learns(fixture.callee));
}

TEST_CASE("a medium that is refused frees its ports, one we do not know is refused", "[negotiation]") {
  Fixture fixture;
  const std::string out =
      fixture.offer(std::string(kTrunkOffer) + "m=image 4000 udptl t38\r\n", "trust-address RTP/AVP");
  CHECK(has(out, "m=image 0 udptl t38\r\n"));
  std::string refused(kTrunkAnswer);
  refused.replace(refused.find("audio 7000"), 10, "audio 0");
  const std::string answered = fixture.answer(refused + "m=image 0 udptl t38\r\n", "trust-address RTP/AVP");
  CHECK(has(answered, "m=audio 0 "));
  CHECK(plan_legs(fixture.callee, fixture.environment).empty());
}

TEST_CASE("ports that run out are said in the words that make a proxy try another relay", "[negotiation]") {
  Fixture fixture;
  fixture.ports_left = 1;
  const auto result = relay_offer(*sdp::parse(kTrunkOffer), Fixture::request("RTP/AVP"), fixture.caller, fixture.callee,
                                  fixture.environment);
  REQUIRE_FALSE(result);
  CHECK(result.error().reason == "Ran out of ports");
}

TEST_CASE("direction says on which interface each side is, and later media stay there", "[negotiation]") {
  Fixture fixture;
  std::vector<std::string> asked;
  fixture.environment.allocate = [&](std::string_view interface, std::optional<common::IpAddress::Family>) {
    asked.emplace_back(interface);
    return fixture.open();
  };
  fixture.environment.has_interface = [](std::string_view name) { return name == "inside" || name == "outside"; };
  const auto offer = [&](ng::Value direction, std::string_view more_media = "") {
    auto request = Fixture::request("RTP/AVP");
    if (direction != ng::Value(ng::List{})) CHECK(ng::apply_key(request.flags, "direction", direction));
    asked.clear();
    REQUIRE(relay_offer(*sdp::parse(std::string(kTrunkOffer) + std::string(more_media)), request, fixture.caller,
                        fixture.callee, fixture.environment));
    return asked;
  };
  using Names = std::vector<std::string>;
  const auto [direction, expected] = GENERATE(table<ng::Value, Names>({
      {ng::List{"inside", "outside"}, Names{"inside", "outside"}},
      {ng::List{"", "outside"}, Names{"", "outside"}},
      {ng::List{"inside", ""}, Names{"inside", ""}},
      {ng::List{"", ""}, Names{"", ""}},
      {"outside", Names{"outside", "outside"}},
      {"inside,outside", Names{"inside", "outside"}},
  }));
  CHECK(offer(direction) == expected);
  CHECK(fixture.environment.warnings.empty());
  CHECK(offer(ng::List{}, "m=audio 7100 RTP/AVP 0\r\n") == expected);
}

TEST_CASE("an interface that nobody configured is the first one, with a warning", "[negotiation]") {
  Fixture fixture;
  std::vector<std::string> asked;
  fixture.environment.allocate = [&](std::string_view interface, std::optional<common::IpAddress::Family>) {
    asked.emplace_back(interface);
    return fixture.open();
  };
  fixture.environment.has_interface = [](std::string_view name) { return name == "outside"; };
  fixture.offer(kTrunkOffer, "direction=outsied direction=outside RTP/AVP");
  CHECK(asked == std::vector<std::string>{"", "outside"});
  CHECK(fixture.environment.warnings == std::vector<std::string>{"unknown interface 'outsied', the first one is used"});
}

TEST_CASE("the sender's names are replaced on demand", "[negotiation]") {
  std::string offer(kTrunkOffer);
  offer.replace(offer.find("s=-"), 3, "s=Anna's telephone");
  const std::string kept = Fixture().offer(offer, "replace-origin RTP/AVP");
  CHECK(has(kept, "o=trunk 1 1 IN IP4 192.0.2.10\r\ns=Anna's telephone\r\n"));
  const std::string replaced = Fixture().offer(offer, "replace-username replace-session-name RTP/AVP");
  CHECK(has(replaced, "o=- 1 1 IN IP4 203.0.113.5\r\ns=-\r\n"));
}

TEST_CASE("the version of the SDP grows with every change and only then", "[negotiation]") {
  const std::string flags = "replace-SDP-version replace-origin RTP/AVP";
  const auto with_version = [](std::string_view version) {
    std::string offer(kTrunkOffer);
    return offer.replace(offer.find("trunk 1 1 "), 10, "trunk 1 " + std::string(version) + ' ');
  };
  const auto version = [](const std::string& sdp) {
    const std::string_view rest = std::string_view(sdp).substr(sdp.find("o=trunk 1 ") + 10);
    return std::string(rest.substr(0, rest.find(' ')));
  };
  Fixture fixture;
  CHECK(version(fixture.offer(with_version("7"), flags)) == "7");
  CHECK(version(fixture.offer(with_version("9"), flags)) == "7");
  CHECK(version(fixture.offer(with_version("3") + "a=sendonly\r\n", flags)) == "8");
  CHECK(version(fixture.offer(with_version("3") + "a=sendonly\r\n", flags)) == "8");
  CHECK(version(fixture.offer(with_version("3"), flags)) == "9");
  CHECK(version(fixture.answer(kTrunkAnswer, flags)) == "1");  // the other side has a count of its own
  CHECK(version(Fixture().offer(with_version("3"), "RTP/AVP")) == "3");
}

TEST_CASE("ICE towards the callee follows the caller by default, and is there in any case with optional",
          "[negotiation]") {
  const std::string plain = "DTLS=off SDES-off RTP/AVP ";
  for (const auto ice : {"", "ICE=default"}) {
    CHECK(has(Fixture().offer(kBrowserOffer, plain + ice), "a=ice-ufrag:"));
    CHECK_FALSE(has(Fixture().offer(kTrunkOffer, plain + ice), "a=ice-ufrag:"));
  }
  const std::string out = Fixture().offer(kBrowserOffer, plain + "ICE=default");
  CHECK_FALSE(has(out, "198.51.100.4"));  // candidates are ours, the caller's are gone
  CHECK(has(Fixture().offer(kTrunkOffer, plain + "ICE=optional"), "a=ice-ufrag:"));
  CHECK(has(Fixture().offer(kBrowserOffer, plain + "ICE=optional"), "a=ice-ufrag:"));
}

TEST_CASE("rtcp-mux is offered, taken, refused or hidden as the flags say", "[negotiation]") {
  const auto muxed = [](std::string_view to_trunk, std::string_view to_browser) {
    Fixture fixture;
    std::string offer(kBrowserOffer);
    const bool offered =
        has(fixture.offer(offer, "DTLS=off SDES-off ICE=remove RTP/AVP " + std::string(to_trunk)), "a=rtcp-mux");
    std::string answer(kTrunkAnswer);
    if (offered) answer += "a=rtcp-mux\r\n";
    const std::string answered = fixture.answer(answer, "UDP/TLS/RTP/SAVPF " + std::string(to_browser));
    const auto leg = std::move(plan_legs(fixture.caller, fixture.environment).at(0));
    CHECK(has(answered, "a=rtcp-mux\r\n") == leg.rtcp_mux);
    CHECK(read_remote_media(*sdp::parse(answered), 0).rtcp->port.value == (leg.rtcp_mux ? 30000 : 30001));
    return std::pair{offered, leg.rtcp_mux};
  };
  using Muxed = std::pair<bool, bool>;  // towards the trunk, towards the browser
  CHECK(muxed("", "") == Muxed{true, true});
  CHECK(muxed("rtcp-mux-accept", "rtcp-mux-accept") == Muxed{true, true});
  CHECK(muxed("rtcp-mux-demux", "") == Muxed{false, true});
  CHECK(muxed("rtcp-mux-demux", "rtcp-mux-reject") == Muxed{false, false});
  CHECK(muxed("rtcp-mux-offer", "rtcp-mux-reject") == Muxed{true, false});
  Fixture plain;
  CHECK_FALSE(has(plain.offer(kTrunkOffer, "RTP/AVP"), "rtcp-mux"));
  CHECK_FALSE(has(plain.answer(kTrunkAnswer, "RTP/AVP rtcp-mux-accept"), "rtcp-mux"));
}
