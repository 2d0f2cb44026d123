#include "proxy/core/own_dialog.h"

#include <catch2/catch.hpp>

#include "tests/support/core_scene.h"

using namespace proxy::core;
using namespace tests;

TEST_CASE("the callee's end has the Record-Routes behind us, nearest first; the caller's those before us", "[core]") {
  auto request = invite("alice", "sip:bob@example.org", "sip:alice@192.0.2.99");
  request.append("Record-Route", "<sip:first.example;lr>");
  auto response = proxy::sip::Message::response_to(request, 200, "OK", "callee");
  response.append("Contact", "<sip:bob@192.0.2.4;ob>;expires=60");
  for (const char* value : {"<sip:farthest.example;lr>", "<sip:nearest.example;lr>", "<sip:ours@198.51.100.1:5060;lr>",
                            "<sip:first.example;lr>"}) {
    response.append("Record-Route", value);
  }
  const TeardownEnd callee = callee_end(response, {}, "ours");
  CHECK(callee.route_set == std::vector<std::string>{"<sip:nearest.example;lr>", "<sip:farthest.example;lr>"});
  CHECK(callee.target == "sip:bob@192.0.2.4;ob");
  CHECK(callee.party == "<sip:bob@example.org>;tag=callee");
  CHECK(callee.last_cseq == 7);
  CHECK(callee_end(response, {}, "").route_set.size() == 4);

  const TeardownEnd caller = caller_end(request, {});
  CHECK(caller.route_set == std::vector<std::string>{"<sip:first.example;lr>"});
  CHECK(caller.target == "sip:alice@192.0.2.99");
}

TEST_CASE("an end without a contact has no target: nothing can be sent there", "[core]") {
  auto response = proxy::sip::Message::response_to(invite("a", "sip:b@example.org", "sip:a@a"), 200, "OK", "t");
  CHECK(callee_end(response, {}, "ours").target.empty());
}
