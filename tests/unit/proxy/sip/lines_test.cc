#include "proxy/sip/lines.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace proxy::sip;

namespace {

std::vector<std::string> lines(std::string_view text, bool unfold = true) {
  std::vector<std::string> out;
  while (!text.empty()) out.push_back(take_line(text, unfold));
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("CRLF and a bare LF both end a line, and so does the end", "[sip]") {
  CHECK(lines("a\r\nb\n\r\nc") == Lines{"a", "b", "", "c"});
  std::string_view none;
  CHECK(take_line(none, true).empty());
}

TEST_CASE("only what stands before a line's end belongs to the end", "[sip]") {
  CHECK(lines("a\rb\r\n") == Lines{"a\rb"});
  CHECK(lines("a\r\r\n") == Lines{"a\r"});
}

TEST_CASE("the folded subject of RFC 3261 section 7.3.1 is one line with single spaces", "[sip][rfc3261]") {
  CHECK(lines("Subject: I know you're there,\r\n         pick up the phone\r\n         and talk to me!\r\nTo: x\r\n") ==
        Lines{"Subject: I know you're there, pick up the phone and talk to me!", "To: x"});
  CHECK(lines("a\n\tb") == Lines{"a b"});
}

TEST_CASE("a start line is not continued", "[sip]") { CHECK(lines("a\r\n b\r\n", false) == Lines{"a", " b"}); }

TEST_CASE("the empty line that ends the header fields is not continued by the body", "[sip][attack]") {
  std::string_view text = "a\r\n\r\n body";
  CHECK(take_line(text, true) == "a");
  CHECK(take_line(text, true).empty());
  CHECK(text == " body");
}

TEST_CASE("control characters are found, a tab is none of them", "[sip]") {
  CHECK_FALSE(has_control("a\tb \x80\xff"));
  CHECK(has_control("a\rb"));
  CHECK(has_control(std::string_view{"a\0", 2}));
  CHECK(has_control("\x7f"));
}

TEST_CASE("a control character may stand as a quoted pair, but for a carriage return", "[sip][rfc3261]") {
  CHECK_FALSE(has_stray_control("\"BEL:\\\x07\" \tx"));
  CHECK_FALSE(has_stray_control(std::string_view{"\"NUL:\\\0\"", 8}));
  CHECK(has_stray_control("\"\\\r\""));
  CHECK(has_stray_control("\"\x07\""));
  CHECK(has_stray_control("\\\x07"));
  CHECK(has_stray_control("\"a\" \\\x07"));
  CHECK_FALSE(has_stray_control("\"a\\"));
}
