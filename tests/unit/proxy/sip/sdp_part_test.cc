#include "proxy/sip/sdp_part.h"

#include <catch2/catch.hpp>
#include <string>

using proxy::sip::find_sdp;

namespace {

std::string found(std::string_view type, std::string_view body) {
  const auto part = find_sdp(type, body);
  return part ? std::string{body.substr(part->begin, part->size)} : "none";
}

constexpr std::string_view kMixed =
    "preamble\r\n--x\r\nContent-Type: application/isup;version=itu-t92+\r\n\r\n\x01--x\r\n--x\r\n"
    "content-type : Application/SDP\r\nContent-Disposition: session\r\n\r\nv=0\r\ns=-\r\n\r\n--x--\r\n";

}  // namespace

TEST_CASE("a body of the type is a session description, whatever its case and parameters", "[sip][sdp]") {
  CHECK(found("application/sdp", "v=0") == "v=0");
  CHECK(found("Application/SDP; charset=utf-8", "v=0") == "v=0");
  CHECK(found("application/sdpx", "v=0") == "none");
  CHECK(found("application/sdp", "") == "none");
  CHECK(found("", "v=0") == "none");
}

TEST_CASE("a part of a multipart body is found between its delimiters", "[sip][sdp][rfc2046]") {
  CHECK(found("multipart/mixed;boundary=x", kMixed) == "v=0\r\ns=-\r\n");
  CHECK(found("Multipart/Mixed; boundary=\"x\"", kMixed) == "v=0\r\ns=-\r\n");
  CHECK(found("multipart/mixed;boundary=y", kMixed) == "none");
  CHECK(found("multipart/mixed", kMixed) == "none");
}

TEST_CASE("a multipart body that breaks off has no description", "[sip][sdp][attack]") {
  for (std::size_t size = 0; size < kMixed.find("--x--"); ++size) {
    CHECK(found("multipart/mixed;boundary=x", kMixed.substr(0, size)) == "none");
  }
  CHECK(found("multipart/mixed;boundary=x", "--x") == "none");
  CHECK(found("multipart/mixed;boundary=x", "--x\n--x\n--x") == "none");
}

TEST_CASE("a multipart body is unclear when nobody can say which description counts", "[sip][sdp][attack]") {
  const auto unclear = [](std::string_view body) { return proxy::sip::is_unclear("multipart/mixed;boundary=x", body); };
  const std::string sdp = "--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n";
  CHECK_FALSE(unclear(kMixed));
  CHECK_FALSE(unclear(sdp + "--x--"));
  CHECK(unclear(sdp + sdp + "--x--"));
  CHECK(unclear(sdp));
  CHECK(unclear("--x\r\nContent-Type: multipart/related;boundary=y\r\n\r\n--y--\r\n--x--"));
  CHECK(proxy::sip::is_unclear("multipart/mixed", sdp + "--x--"));
  CHECK_FALSE(proxy::sip::is_unclear("application/sdp", "v=0"));
  CHECK_FALSE(unclear(""));
}
