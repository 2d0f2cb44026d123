#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "proxy/sip/message.h"
#include "proxy/sip/sanity.h"

// What RFC 4475 asks of a parser, with messages written after its descriptions; the section stands with each.
using namespace proxy::sip;

namespace {

/// 0: to be processed, -1: dropped without an answer, else the status of the answer.
int verdict(std::string_view bytes) {
  const auto message = Message::parse(bytes);
  const auto answer = [&]() -> std::optional<Message> {
    if (!message) return refusal(bytes, message.error());
    const auto fault = check(*message);
    return fault ? refusal(*message, *fault) : std::nullopt;
  }();
  if (message && !check(*message)) return 0;
  return answer ? answer->status() : -1;
}

constexpr std::string_view kTail =
    "Via: SIP/2.0/UDP c.example.org;branch=z9hG4bKt\r\nMax-Forwards: 70\r\nFrom: <sip:a@example.org>;tag=1\r\n"
    "To: <sip:b@example.org>\r\nCall-ID: t@example.org\r\n";

std::string options(std::string_view more = {}, std::string_view tail = kTail) {
  return std::string{"OPTIONS sip:b@example.org SIP/2.0\r\n"}
      .append(tail)
      .append("CSeq: 1 OPTIONS\r\n")
      .append(more)
      .append("\r\n");
}

std::string start_line(std::string_view line, std::string_view method = "OPTIONS") {
  return std::string{line}.append("\r\n").append(kTail).append("CSeq: 1 ").append(method).append("\r\n\r\n");
}

std::string replaced(std::string_view what, std::string_view by, std::string text = options()) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("a tortuous but valid INVITE is read as meant", "[sip][rfc4475]") {  // 3.1.1.1
  const std::string text =
      "INVITE sip:vivekg@chair.example.com;unknownparam SIP/2.0\r\n"
      "TO :\r\n sip:vivekg@chair.example.com ;   tag    = 1918181833n\r\n"
      "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n"
      "MaX-fOrWaRdS: 0068\r\n"
      "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
      "Content-Length   : 6\r\n"
      "cseq: 0009\r\n  INVITE\r\n"
      "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
      "s :\r\n"
      "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
      "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
      "Content-Type: application/sdp\r\n"
      "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
      "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
      " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
      "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n"
      "  secondparam ; q = 0.33\r\n"
      "\r\n"
      "v=0\r\n\r\n";
  CHECK(verdict(text) == 0);
  const auto message = Message::parse(text);
  REQUIRE(message);
  CHECK(message->to_tag() == "1918181833n");
  CHECK(message->from_tag() == "98asjd8");
  CHECK(message->get("Max-Forwards") == "0068");
  CHECK(message->cseq()->number == 9);
  CHECK(message->all("Via").size() == 3);
  CHECK(message->top_via()->sent_by() == "192.0.2.2");
  CHECK(message->top_via()->branch() == "390skdjuw");
  CHECK(Via::parse(message->all("Via")[1])->branch() == "z9hG4bK9ikj8");
  CHECK(message->get("UnknownHeaderWithUnusualValue") == ";;,,;;,;");
  CHECK(message->get("NewFangledHeader") == "newfangled value continued newfangled value");
  CHECK(NameAddr::parse(message->get("Contact"))->params.get("q") == "0.33");
  CHECK(message->has("Subject"));
}

TEST_CASE("a method and fields of every allowed character pass", "[sip][rfc4475]") {  // 3.1.1.2
  const std::string method = "!interesting-Method0123456789_*+`.%indeed'~";
  const std::string uri =
      "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com";
  std::string text = method + ' ' + uri + " SIP/2.0\r\n";
  text += "Via: SIP/2.0/UDP host1.example.com;rport;branch=z9hG4bK-.!%66*_+`'~\r\n";
  text += "To: \"BEL:\\" + std::string(1, '\x07') + " NUL:\\" + std::string(1, '\0') + " DEL:\\" +
          std::string(1, '\x7f') + "\" <" + uri + ">\r\n";
  text +=
      "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\xD1\x80\xD0\xB0\""
      ";tag=_token~1'+`*%!-.\r\n";
  text += "Max-Forwards: 70\r\nCall-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n";
  text += "CSeq: 139122385 " + method +
          "\r\nContent-Length: 0\r\nextensionHeader-!.%*+_`'~:\xEF\xBB\xBF\xE5\xA4\xA7\r\n\r\n";
  CHECK(verdict(text) == 0);
  const auto message = Message::parse(text);
  REQUIRE(message);
  CHECK(message->request_uri() == uri);
  CHECK(Uri::parse(uri)->host == "example.com");
  CHECK(message->from_tag() == "_token~1'+`*%!-.");
  CHECK(Message::parse(message->to_string())->to_string() == message->to_string());
}

TEST_CASE("escapes stay as they were written", "[sip][rfc4475]") {  // 3.1.1.3 to 3.1.1.5
  const auto uri = Uri::parse("sip:sips%3Auser%40example.com@example.net");
  REQUIRE(uri);
  CHECK(uri->host == "example.net");
  CHECK(uri->plain_user() == "sips:user@example.com");
  CHECK(Uri::parse("sip:null-%00-null@example.com")->plain_user() == "null-%00-null");
  CHECK(verdict(start_line("RE%47IST%45R sip:b@example.org SIP/2.0", "RE%47IST%45R")) == 0);
  CHECK(Message::parse(start_line("RE%47IST%45R sip:b@example.org SIP/2.0", "RE%47IST%45R"))->method() ==
        "RE%47IST%45R");
}

TEST_CASE("no space is needed between display name and bracket", "[sip][rfc4475]") {  // 3.1.1.6
  const auto from = NameAddr::parse("caller<sip:caller@example.com>;tag=323");
  REQUIRE(from);
  CHECK(from->display == "caller");
  CHECK(from->tag() == "323");
}

TEST_CASE("long values pass", "[sip][rfc4475]") {  // 3.1.1.7
  const std::string tag(1500, 'y');
  std::string vias;
  for (int i = 0; i < 33; ++i) vias += "Via: SIP/2.0/TCP sip" + std::to_string(i) + ".example.com\r\n";
  const std::string text =
      replaced("tag=1", "tag=" + tag,
               options(vias + "Unknown-" + std::string(300, 'l') + "Name: unknown-" + std::string(900, 'v') + "\r\n"));
  CHECK(verdict(text) == 0);
  CHECK(Message::parse(text)->from_tag() == tag);
}

TEST_CASE("what follows the announced body is not part of the message", "[sip][rfc4475]") {  // 3.1.1.8
  const auto message = Message::parse(options("Content-Length: 0\r\n") + "INVITE sip:joe@example.com SIP/2.0\r\n\r\n");
  REQUIRE(message);
  CHECK(message->body().empty());
}

TEST_CASE("a semicolon in the user part starts no parameter", "[sip][rfc4475]") {  // 3.1.1.9
  const auto uri = Uri::parse("sip:user;par=u%40example.net@example.com");
  REQUIRE(uri);
  CHECK(uri->user == "user;par=u%40example.net");
  CHECK(uri->params.empty());
}

TEST_CASE("a binary body with every byte value survives", "[sip][rfc4475]") {  // 3.1.1.11
  std::string body;
  for (int i = 0; i < 256; ++i) body += static_cast<char>(i);
  const auto message = Message::parse(options("Content-Length: 256\r\n") + body + "beyond");
  REQUIRE(message);
  CHECK(message->body() == body);
  CHECK(Message::parse(message->to_string())->body() == body);
}

TEST_CASE("a reason phrase may be anything or nothing", "[sip][rfc4475]") {  // 3.1.1.12, 3.1.1.13
  const std::string tail{options().substr(options().find("\r\n") + 2)};
  CHECK(Message::parse("SIP/2.0 200 = 2**3 * 5**2 \xD0\xBD\xD0\xBE\r\n" + tail)->reason() ==
        "= 2**3 * 5**2 \xD0\xBD\xD0\xBE");
  const auto empty = Message::parse("SIP/2.0 100 \r\n" + tail);
  REQUIRE(empty);
  CHECK(empty->status() == 100);
  CHECK(empty->to_string().starts_with("SIP/2.0 100 \r\n"));
}

TEST_CASE("extra separators between header values are refused", "[sip][rfc4475]") {  // 3.1.2.1
  CHECK(verdict(replaced(";branch=z9hG4bKt", ";;,;,,")) == 400);
}

TEST_CASE("a Content-Length that is too large, negative or no number is refused", "[sip][rfc4475]") {  // 3.1.2.2, 3
  CHECK(verdict(options("Content-Length: 9999\r\n")) == 400);
  CHECK(verdict(options("Content-Length: -999\r\n")) == 400);
  CHECK(verdict(options("Content-Length: 99999999999999999999\r\n")) == 400);
  CHECK(verdict(options("Content-Length: 5 5\r\n")) == 400);
}

TEST_CASE("numbers out of range are refused, in a response silently", "[sip][rfc4475]") {  // 3.1.2.4, 3.1.2.5
  CHECK(verdict(replaced("CSeq: 1 ", "CSeq: 36893488147419103232 ")) == 400);
  CHECK(verdict(replaced("CSeq: 1 ", "CSeq: 2147483648 ")) == 400);
  CHECK(verdict(replaced("CSeq: 1 ", "CSeq: 2147483647 ")) == 0);
  CHECK(verdict(replaced("CSeq: 1 ", "CSeq: -1 ")) == 400);
  CHECK(verdict(replaced("Max-Forwards: 70", "Max-Forwards: 300")) == 400);
  CHECK(verdict(replaced("Max-Forwards: 70", "Max-Forwards: -1")) == 400);
  CHECK(verdict(replaced("Max-Forwards: 70", "Max-Forwards: many")) == 400);
  CHECK(verdict(replaced("Max-Forwards: 70", "Max-Forwards: 0")) == 0);
  CHECK(verdict(replaced("Max-Forwards: 70\r\n", "")) == 0);
  const std::string tail{options().substr(options().find("\r\n") + 2)};
  CHECK(verdict("SIP/2.0 503 Service Unavailable\r\n" + replaced("CSeq: 1 ", "CSeq: 9292394834772304023312 ", tail)) ==
        -1);
}

TEST_CASE("an unterminated quoted string is refused", "[sip][rfc4475]") {  // 3.1.2.6
  CHECK(verdict(replaced("To: <sip:b@example.org>", "To: \"Mr. J. User <sip:j.user@example.com>")) == 400);
}

TEST_CASE("a malformed Request-Line is answered with 400", "[sip][rfc4475]") {  // 3.1.2.7 to 3.1.2.11
  CHECK(verdict(start_line("OPTIONS <sip:b@example.org> SIP/2.0")) == 400);
  CHECK(verdict(start_line("OPTIONS sip:b@example.org; lr SIP/2.0")) == 400);
  CHECK(verdict(start_line("OPTIONS  sip:b@example.org  SIP/2.0")) == 400);
  CHECK(verdict(start_line("OPTIONS sip:b@example.org SIP/2.0  ")) == 400);
  CHECK(verdict(start_line("OPTIONS sip:b@example.org?Route=%3Csip:example.com%3E SIP/2.0")) == 400);
}

TEST_CASE("an address with header fields needs brackets", "[sip][rfc4475]") {  // 3.1.2.13
  CHECK(verdict(options("Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\r\n")) == 400);
  CHECK(verdict(options("Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\r\n")) == 0);
}

TEST_CASE("an unknown version is answered with 505, also if the Via names it", "[sip][rfc4475]") {  // 3.1.2.16
  CHECK(verdict(start_line("OPTIONS sip:b@example.org SIP/7.0")) == 505);
  CHECK(verdict(replaced("Via: SIP/2.0", "Via: SIP/7.0", start_line("OPTIONS sip:b@example.org SIP/7.0"))) == 505);
}

TEST_CASE("CSeq names the method of its request", "[sip][rfc4475]") {  // 3.1.2.17, 3.1.2.18
  CHECK(verdict(start_line("OPTIONS sip:b@example.org SIP/2.0", "INVITE")) == 400);
  CHECK(verdict(start_line("NEWMETHOD sip:b@example.org SIP/2.0", "INVITE")) == 400);
  CHECK(verdict(start_line("NEWMETHOD sip:b@example.org SIP/2.0", "NEWMETHOD")) == 0);
}

TEST_CASE("a request without its mandatory fields is refused or dropped", "[sip][rfc4475]") {  // 3.3.1
  for (const auto* line : {"From: <sip:a@example.org>;tag=1\r\n", "To: <sip:b@example.org>\r\n",
                           "Call-ID: t@example.org\r\n", "CSeq: 1 OPTIONS\r\n"}) {
    CHECK(verdict(replaced(line, "")) == 400);
  }
  CHECK(verdict(replaced("Via: SIP/2.0/UDP c.example.org;branch=z9hG4bKt\r\n", "")) == -1);
}

TEST_CASE("an unknown scheme of the Request-URI is answered with 416, elsewhere it passes", "[sip][rfc4475]") {
  CHECK(verdict(start_line("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0")) == 416);  // 3.3.2, 3.3.3
  CHECK(verdict(start_line("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0")) == 416);
  CHECK(verdict(start_line("OPTIONS tel:+4930123 SIP/2.0")) == 0);
  CHECK(verdict(replaced("To: <sip:b@example.org>", "To: <isbn:2983792873>")) == 0);  // 3.3.4
}

TEST_CASE("fields that stand once are refused when repeated", "[sip][rfc4475]") {  // 3.3.8, 3.3.9
  for (const auto* line : {"From: <sip:c@example.org>;tag=2\r\n", "To: <sip:c@example.org>\r\n", "Call-ID: u\r\n",
                           "CSeq: 5 OPTIONS\r\n", "Max-Forwards: 5\r\n", "t: <sip:c@example.org>\r\n"}) {
    CHECK(verdict(options(line)) == 400);
  }
  CHECK(verdict(options("Content-Length: 0\r\nContent-Length: 5\r\n") + "12345") == 400);
  CHECK(verdict(options("Content-Length: 0\r\nl: 0\r\n")) == 400);
}

TEST_CASE("a client of RFC 2543 without tags and branch is served", "[sip][rfc4475]") {  // 3.4.1
  CHECK(verdict("INVITE sip:UserB@example.com SIP/2.0\r\nVia: SIP/2.0/UDP iftgw.example.com\r\n"
                "From: <sip:+13035551111@ift.client.example.net;user=phone>\r\nTo: sip:+16505552222@ss1.example.net\r\n"
                "Call-ID: inv2543.1717@ift.client.example.com\r\nCSeq: 56 INVITE\r\n\r\n") == 0);
}

TEST_CASE("hostile sizes are refused", "[sip][attack]") {
  CHECK(verdict(start_line("OPTIONS sip:" + std::string(3000, 'u') + "@example.org SIP/2.0")) == 414);
  CHECK(verdict(replaced("Call-ID: t", "Call-ID: " + std::string(600, 'i'))) == 400);
  std::string vias;
  for (int i = 0; i < 80; ++i) vias += "v: SIP/2.0/UDP h\r\n";
  CHECK(verdict(options(vias)) == 400);
  std::string commas = "Route: ";
  for (int i = 0; i < 1000; ++i) commas += "<sip:a;lr>,";
  CHECK(verdict(options(commas + "<sip:a;lr>\r\n")) == 400);
}

TEST_CASE("nothing but a request is ever answered", "[sip][attack]") {
  CHECK(verdict(start_line("ACK sip:b@example.org SIP/7.0", "ACK")) == -1);
  CHECK(verdict(replaced("CSeq: 1 ", "CSeq: x ", start_line("ACK sip:b@example.org SIP/2.0", "ACK"))) == -1);
  CHECK(verdict("SIP/7.0 200 OK\r\n" + std::string{kTail} + "CSeq: 1 OPTIONS\r\n\r\n") == -1);
  CHECK(verdict("\r\n\r\n") == -1);
  CHECK(verdict("GET / HTTP/1.1\r\nHost: x\r\n\r\n") == -1);
  CHECK(verdict(std::string_view{"\0\0\0\0", 4}) == -1);
}

TEST_CASE("an answer to unreadable bytes repeats their readable fields only", "[sip][attack]") {
  const std::string text =
      replaced("Call-ID: t@example.org", "Call-ID: t@example.org\r\nbroken line", replaced("From: ", "f : "));
  const auto answer = refusal(text, Message::parse(text).error());
  REQUIRE(answer);
  CHECK(answer->call_id() == "t@example.org");
  CHECK(answer->from_tag() == "1");
  CHECK_FALSE(answer->to_tag().empty());
  CHECK(Message::parse(answer->to_string())->status() == 400);
}
