#include "proxy/core/best_response.h"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/sip_messages.h"

using namespace proxy::core;
using proxy::sip::Message;

namespace {

int best_of(std::initializer_list<int> statuses) {
  std::vector<Message> messages;
  for (const int status : statuses) messages.push_back(tests::sip_response(tests::sip_request("INVITE"), status));
  std::vector<const Message*> pointers;
  for (const Message& message : messages) pointers.push_back(&message);
  return best_response(pointers)->status();
}

}  // namespace

TEST_CASE("6xx wins, then the lowest class, then what lets the caller do better", "[core][rfc3261]") {
  CHECK(best_of({486, 603, 302}) == 603);
  CHECK(best_of({486, 302, 500}) == 302);
  CHECK(best_of({486, 407}) == 407);
  CHECK(best_of({404, 484}) == 484);
  CHECK(best_of({408, 486}) == 486);
  CHECK(best_of({503, 500}) == 500);
  CHECK(best_of({487, 480}) == 480);
  CHECK(best_response({}) == nullptr);
}

TEST_CASE("challenges of all branches come together in one response", "[core][rfc3261]") {
  Message first = tests::sip_response(tests::sip_request("INVITE"), 407);
  first.append("Proxy-Authenticate", "Digest realm=\"a\"");
  Message second = tests::sip_response(tests::sip_request("INVITE"), 401);
  second.append("WWW-Authenticate", "Digest realm=\"b\"");
  Message third = tests::sip_response(tests::sip_request("INVITE"), 486);
  third.append("Proxy-Authenticate", "Digest realm=\"not-a-challenge\"");
  const std::vector<const Message*> finals{&first, &second, &third};
  Message chosen = first;
  merge_challenges(chosen, finals);
  CHECK(chosen.all("Proxy-Authenticate") == std::vector<std::string>{"Digest realm=\"a\""});
  CHECK(chosen.all("WWW-Authenticate") == std::vector<std::string>{"Digest realm=\"b\""});
}
