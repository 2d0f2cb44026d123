#include "proxy/core/branch.h"

#include <catch2/catch.hpp>

using namespace proxy::core;

namespace {

const common::Bytes kKey(32, 1);
const BranchInput kInput{"z9hG4bKabc", "192.0.2.1:5060", "call", "tag", 7, 0, "sip:b@example.org"};

std::string branch_of(const BranchInput& input, const common::Bytes& key = kKey) {
  return make_branch(key, input, 0x01020304, 1);
}

}  // namespace

TEST_CASE("a branch is the same for a repeated request, on every node with the key", "[branch][rfc3261]") {
  const std::string branch = branch_of(kInput);
  CHECK(branch.starts_with("z9hG4bK"));
  CHECK(branch.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
  CHECK(branch_of(kInput) == branch);
  CHECK(branch_of(kInput, common::Bytes(32, 2)) != branch);
}

TEST_CASE("a branch differs in everything that makes it another request", "[branch]") {
  BranchInput other = kInput;
  SECTION("branch") { other.received = "z9hG4bKabd"; }
  SECTION("sent-by") { other.sent_by = "192.0.2.1:5061"; }
  SECTION("Call-ID") { other.call_id = "another"; }
  SECTION("From tag") { other.from_tag = "gat"; }
  SECTION("CSeq") { other.cseq = 8; }
  SECTION("attempt") { other.attempt = 1; }
  SECTION("target") { other.target = "sip:c@example.org"; }
  SECTION("where one field ends and the next begins") {
    other.call_id = "callt";
    other.from_tag = "ag";
  }
  CHECK(branch_of(other) != branch_of(kInput));
}

TEST_CASE("a branch tells what was written about loops", "[branch][rfc5393]") {
  const auto read = read_branch(branch_of(kInput));
  REQUIRE(read);
  CHECK(read->loop == 0x01020304);
  CHECK(read->depth == 1);
  CHECK(read_branch(make_branch(kKey, kInput, 0xffffffff, 255))->depth == 255);
  CHECK(read_branch(make_branch(kKey, kInput, 0xffffffff, 1000))->depth == 255);
}

TEST_CASE("a branch of another form tells nothing", "[branch][attack]") {
  const std::string branch = branch_of(kInput);
  CHECK_FALSE(read_branch(""));
  CHECK_FALSE(read_branch("z9hG4bKabc"));
  CHECK_FALSE(read_branch(branch + 'A'));
  CHECK_FALSE(read_branch(branch.substr(1)));
  CHECK_FALSE(read_branch("y" + branch.substr(1)));
  CHECK_FALSE(read_branch(branch.substr(0, branch.size() - 1) + '.'));
}

TEST_CASE("a loop hash changes with the fields that route a request", "[branch][rfc5393]") {
  const common::Bytes key(32, 1);
  CHECK(loop_hash(key, "sip:a@x") == loop_hash(key, "sip:a@x"));
  CHECK(loop_hash(key, "sip:a@x") != loop_hash(key, "sip:b@x"));
}
