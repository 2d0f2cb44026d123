#include "relay/control/call.h"

#include "tests/unit/relay/control/call_scene.h"

namespace relay::control {
namespace {

using Removed = Call::Removed;

const std::string kNotSdp = "hello";

}  // namespace

TEST_CASE("an offer waits in a fork of its own until it is answered", "[call]") {
  CallScene scene;
  REQUIRE_FALSE(is_error(scene.offer("alice", "", "z1", kAlice)));
  REQUIRE(scene.call.forks().size() == 1);
  const Fork& fork = scene.call.forks()[0];
  CHECK(fork.caller_tag == "alice");
  CHECK(fork.callee_tag.empty());
  CHECK(fork.via_branch == "z1");
  CHECK(fork.pending());
  CHECK_FALSE(fork.established);
  CHECK(fork.latest().offerer.tag == "alice");
  CHECK(fork.latest().answerer.tag.empty());
  REQUIRE_FALSE(is_error(scene.answer("alice", "bob", "z1", kBob)));
  REQUIRE(scene.call.forks().size() == 1);
  CHECK(scene.call.forks()[0].callee_tag == "bob");
  CHECK_FALSE(scene.call.forks()[0].pending());
  REQUIRE(scene.call.forks()[0].established);
  CHECK(scene.call.forks()[0].established->answerer.tag == "bob");
}

TEST_CASE("an offer or answer that is no SDP changes nothing", "[call]") {
  CallScene scene;
  CHECK(is_error(scene.offer("alice", "", "z1", kNotSdp)));
  CHECK(scene.call.forks().empty());
  scene.offer("alice", "", "z1", kAlice);
  CHECK(is_error(scene.answer("alice", "bob", "z1", kNotSdp)));
  CHECK(scene.call.forks()[0].pending());
  scene.answer("alice", "bob", "z1", kBob);
  CHECK(is_error(scene.offer("alice", "bob", "z2", kNotSdp)));
  CHECK_FALSE(scene.call.forks()[0].pending());
  CHECK(scene.flows(kAliceAt, kBobAt));
}

TEST_CASE("an answer to nothing that was offered is refused", "[call]") {
  CallScene scene;
  CHECK(scene.answer("alice", "bob", "z1", kBob) == "error: Unknown tags: no offer to answer");
  scene.offer("alice", "", "z1", kAlice);
  CHECK(scene.answer("mallory", "bob", "z1", kBob) == "error: Unknown tags: no offer to answer");
  CHECK(scene.call.forks()[0].pending());
}

TEST_CASE("an answer finds its branch, and without one the offer that waits", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  SECTION("by name") {
    scene.answer("alice", "carol", "z2", kCarol);
    CHECK(scene.call.forks()[0].pending());
    CHECK(scene.call.forks()[1].callee_tag == "carol");
  }
  SECTION("under a name that was never offered") {
    scene.answer("alice", "bob", "other", kBob);
    CHECK(scene.call.forks()[0].callee_tag == "bob");
    scene.answer("alice", "carol", "another", kCarol);
    CHECK(scene.call.forks()[1].callee_tag == "carol");
  }
}

TEST_CASE("a branch that forks further downstream is answered by each callee, on the caller's one port", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  const std::string early = scene.answer("alice", "bob", "z1", kBob);
  const std::string final = scene.answer("alice", "carol", "z1", kCarol);
  REQUIRE(scene.call.forks().size() == 2);
  CHECK(scene.call.forks()[0].callee_tag == "bob");
  CHECK(scene.call.forks()[1].callee_tag == "carol");
  CHECK(scene.pairs_in_use == 2);
  const auto port = [](const std::string& sdp) { return sdp.substr(sdp.find("m=audio "), 13); };
  CHECK(port(early) == port(final));
}

TEST_CASE("the caller is heard by the callee that answered last, also when that one says it again", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  scene.answer("alice", "carol", "z2", kCarol);
  CHECK(scene.flows(kAliceAt, kCarolAt));
  CHECK_FALSE(scene.flows(kAliceAt, kBobAt));
  CHECK(scene.flows(kBobAt, kAliceAt));
  scene.answer("alice", "bob", "z1", kBob);
  CHECK(scene.flows(kAliceAt, kBobAt));
  CHECK_FALSE(scene.flows(kAliceAt, kCarolAt));
}

TEST_CASE("when the talking branch goes, the caller is heard by one that is left", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  scene.answer("alice", "carol", "z2", kCarol);
  CHECK(scene.remove("alice", "carol") == Removed::Part);
  CHECK(scene.flows(kAliceAt, kBobAt));
}

TEST_CASE("when an earlier branch goes, the caller stays with the one it talks to", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  scene.answer("alice", "carol", "z2", kCarol);
  CHECK(scene.remove("alice", "bob") == Removed::Part);
  CHECK(scene.flows(kAliceAt, kCarolAt));
  CHECK(scene.flows(kCarolAt, kAliceAt));
}

TEST_CASE("a repeated offer or answer gives what it gave, the same SDP under other flags is a new one", "[call]") {
  CallScene scene;
  const std::string offered = scene.offer("alice", "", "z1", kAlice);
  CHECK(scene.offer("alice", "", "z1", kAlice) == offered);
  const std::string answered = scene.answer("alice", "bob", "z1", kBob);
  CHECK(scene.offer("alice", "", "z1", kAlice) == offered);
  CHECK_FALSE(scene.call.forks()[0].pending());
  CHECK(scene.answer("alice", "bob", "z1", kBob) == answered);
  CHECK(scene.pairs_in_use == 2);
  const std::string replaced = scene.offer("alice", "bob", "z2", kAlice, "trust-address replace-origin");
  CHECK_FALSE(is_error(replaced));
  CHECK(replaced != offered);
  CHECK(scene.call.forks()[0].pending());
}

TEST_CASE("an offer of the callee is answered by the caller in the same fork", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  scene.offer("bob", "alice", "z9", audio_sdp("203.0.113.2", 5500));
  REQUIRE(scene.call.forks().size() == 1);
  CHECK(scene.call.forks()[0].offered_by_callee);
  CHECK(scene.flows(kAliceAt, kBobAt));  // until it is answered
  scene.answer("bob", "alice", "z9", kAlice);
  CHECK(scene.flows(kAliceAt, "203.0.113.2:5500"));
  CHECK(scene.call.forks()[0].callee_tag == "bob");
}

TEST_CASE("a call has 32 branches and no more, offered or answered", "[call]") {
  CallScene scene;
  for (int i = 0; i < 32; ++i) REQUIRE_FALSE(is_error(scene.offer("alice", "", "z" + std::to_string(i), kAlice)));
  CHECK(scene.offer("alice", "", "z32", kAlice) == "error: Too many branches in this call");
  scene.answer("alice", "bob", "z0", kBob);
  CHECK(scene.answer("alice", "carol", "z0", kCarol) == "error: Too many branches in this call");
  CHECK(scene.call.forks().size() == 32);
  CHECK_FALSE(is_error(scene.offer("alice", "bob", "z33", kAlice)));  // within a dialog there is room
}

TEST_CASE("a delete names a branch, a dialog in either order of its tags, or everything", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  scene.answer("alice", "carol", "z2", kCarol);
  SECTION("a branch that is still open") {
    CHECK(scene.remove("alice", "", "z1") == Removed::Part);
    REQUIRE(scene.call.forks().size() == 1);
    CHECK(scene.call.forks()[0].callee_tag == "carol");
  }
  SECTION("a dialog") {
    CHECK(scene.remove("carol", "alice") == Removed::Part);
    REQUIRE(scene.call.forks().size() == 1);
    CHECK(scene.call.forks()[0].via_branch == "z1");
  }
  SECTION("everything of a party") { CHECK(scene.remove("alice", "") == Removed::All); }
  SECTION("everything") { CHECK(scene.remove("", "") == Removed::All); }
  SECTION("the branches one after the other") {
    CHECK(scene.remove("alice", "", "z1") == Removed::Part);
    CHECK(scene.remove("alice", "carol") == Removed::All);
  }
  SECTION("a branch or a party that nobody knows") {
    CHECK(scene.remove("alice", "", "never offered") == Removed::Nothing);
    CHECK(scene.remove("alice", "dave", "z2") == Removed::Nothing);
    CHECK(scene.remove("mallory", "") == Removed::Nothing);
    CHECK(scene.call.forks().size() == 2);
  }
}

TEST_CASE("a delete of an offer within a dialog leaves the dialog as it was", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.answer("alice", "bob", "z1", kBob);
  const std::string again = audio_sdp("198.51.100.1", 4600);
  scene.offer("alice", "bob", "z6", again);
  REQUIRE(scene.call.forks()[0].pending());
  CHECK(scene.remove("alice", "bob", "z6") == Removed::Part);
  CHECK_FALSE(scene.call.forks()[0].pending());
  CHECK(scene.flows(kAliceAt, kBobAt));
  REQUIRE_FALSE(is_error(scene.offer("alice", "bob", "z6", again)));  // not taken for a repeat
  CHECK(scene.call.forks()[0].pending());
}

TEST_CASE("ports go back with the last branch that has them", "[call]") {
  CallScene scene;
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  CHECK(scene.pairs_in_use == 3);
  scene.remove("alice", "", "z1");
  CHECK(scene.pairs_in_use == 2);
  scene.remove("alice", "", "z2");
  CHECK(scene.pairs_in_use == 0);
}

TEST_CASE("a medium that is refused gives its ports back, also for a second answer", "[call]") {
  CallScene scene;
  const std::string video = "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n";
  scene.offer("alice", "", "z1", kAlice + video);
  CHECK(scene.pairs_in_use == 4);
  scene.answer("alice", "bob", "z1", kBob + "m=video 0 RTP/AVP 96\r\n");
  CHECK(scene.pairs_in_use == 2);
  scene.answer("alice", "bob", "z1", kCarol + video);
  CHECK(scene.pairs_in_use == 2);
}

TEST_CASE("the newest blob of the proxy is kept, a request without one keeps it", "[call]") {
  CallScene scene;
  ng::Request offer = scene.request("alice", "", "z1", kAlice);
  offer.teardown_blob = "first";
  offer.teardown_to = {*common::SocketAddress::parse("192.0.2.1:5099")};
  REQUIRE(scene.call.offer(offer, scene.environment));
  offer.teardown_blob = "second";
  REQUIRE(scene.call.offer(offer, scene.environment));  // a repeat otherwise
  CHECK(scene.call.teardown_blob == "second");
  scene.answer("alice", "bob", "z1", kBob);
  CHECK(scene.call.teardown_blob == "second");
  CHECK(scene.call.teardown_to.size() == 1);
}

TEST_CASE("a plan names the call, each leg once and no path before somebody has answered", "[call]") {
  CallScene scene;
  CHECK(scene.plan().legs.empty());
  scene.offer("alice", "", "z1", kAlice);
  scene.offer("alice", "", "z2", kAlice);
  session::SessionPlan plan = scene.plan();
  CHECK(plan.call_id == "call");
  CHECK(plan.cname == "cname");
  CHECK(plan.media_timeout == 60s);
  CHECK(plan.legs.size() == 3);
  CHECK(plan.paths.empty());
  scene.answer("alice", "bob", "z1", kBob);
  plan = scene.plan();
  CHECK(plan.legs.size() == 3);
  CHECK(plan.paths.size() == 2);
}

}  // namespace relay::control
