#include "proxy/trunk/caller_policy.h"

#include <catch2/catch.hpp>

using namespace proxy::trunk;
using proxy::routing::NumberFormat;
using proxy::routing::Pattern;

namespace {

const proxy::routing::NumberPlan kGerman{"49", "00", "0"};

std::string shown(const CallerPolicy& policy, const std::string& own, const std::string& preferred = {}) {
  return shown_number(policy, {own, preferred}, kGerman);
}

CallerPolicy only_berlin() {
  CallerPolicy policy;
  policy.allowed = {*Pattern::parse("+4930*")};
  policy.number = "+49301000";
  return policy;
}

}  // namespace

TEST_CASE("a caller appears as himself, as the main number or as nobody", "[trunk]") {
  CallerPolicy policy;
  CHECK(shown(policy, "alice") == "alice");
  CHECK(shown(policy, "alice", "+4930") == "alice");
  policy.number = "+49301000";
  CHECK(shown(policy, "alice") == "alice");
  policy.show = CallerPolicy::Show::Number;
  CHECK(shown(policy, "alice") == "+49301000");
  policy.show = CallerPolicy::Show::Anonymous;
  CHECK(shown(policy, "alice").empty());
}

TEST_CASE("a number that is not allowed becomes the main number, or nobody's", "[trunk]") {
  CallerPolicy policy = only_berlin();
  CHECK(shown(policy, "+49305") == "+49305");
  CHECK(shown(policy, "0305") == "0305");
  CHECK(shown(policy, "+4989") == "+49301000");
  CHECK(shown(policy, "alice") == "+49301000");
  policy.number.clear();
  CHECK(shown(policy, "alice").empty());
}

TEST_CASE("a user chooses among the allowed numbers only", "[trunk]") {
  const CallerPolicy policy = only_berlin();
  CHECK(shown(policy, "alice", "+49307") == "+49307");
  CHECK(shown(policy, "+49305", "+49307") == "+49307");
  CHECK(shown(policy, "+49305", "+4989") == "+49305");
  CHECK(shown(policy, "alice", "+1900") == "+49301000");
}

TEST_CASE("the number shown has the trunk's form", "[trunk]") {
  CallerPolicy policy = only_berlin();
  policy.format = NumberFormat::National;
  CHECK(shown(policy, "+49305") == "0305");
  CHECK(shown(policy, "alice") == "0301000");
}
