#pragma once

#include <string>
#include <string_view>

#include "proxy/sip/message.h"

namespace tests {

/// A request as the proxy would send or receive it.
inline proxy::sip::Message sip_request(std::string_view method, std::string_view branch = "z9hG4bKb1",
                                       std::string_view via_host = "192.0.2.1:5060;rport") {
  auto message = proxy::sip::Message::request(method, "sip:bob@example.org");
  message.append("Via", "SIP/2.0/UDP " + std::string{via_host} + ";branch=" + std::string{branch});
  message.append("Route", "<sip:p1.example.org;lr>");
  message.append("Max-Forwards", "70");
  message.append("From", "<sip:alice@example.org>;tag=a1");
  message.append("To", "<sip:bob@example.org>");
  message.append("Call-ID", "call-1");
  message.append("CSeq", "7 " + std::string{method});
  return message;
}

inline proxy::sip::Message sip_response(const proxy::sip::Message& request, int status, std::string_view tag = "b1") {
  return proxy::sip::Message::response_to(request, status, "Reason", tag);
}

}  // namespace tests
