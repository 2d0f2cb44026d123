#include "proxy/sip/sanity.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "proxy/sip/header_names.h"
#include "proxy/sip/lines.h"

namespace proxy::sip {

namespace {

using Check = std::optional<Fault> (*)(const Message&);

constexpr std::size_t kMaxSalvagedLines = 512;

/// The same request without state gets the same tag, RFC 3261 §8.2.7.
constexpr std::string_view kStatelessTag = "refused";

std::optional<Fault> check_once(const Message& message) {
  constexpr std::array<std::string_view, 4> kMandatory{"From", "To", "Call-ID", "CSeq"};
  constexpr std::array<std::string_view, 4> kAtMostOnce{"Max-Forwards", "Content-Type", "Expires", "Min-Expires"};
  const auto count = [&](std::string_view name) {
    return std::ranges::count_if(message.headers(), [&](const Header& h) { return common::iequals(h.name, name); });
  };
  for (const std::string_view name : kMandatory) {
    if (count(name) == 0) return Fault{400, "Missing Mandatory Header Field"};
    if (count(name) > 1) return Fault{400, "Repeated Header Field"};
  }
  for (const std::string_view name : kAtMostOnce) {
    if (count(name) > 1) return Fault{400, "Repeated Header Field"};
  }
  return std::nullopt;
}

std::optional<Fault> check_vias(const Message& message) {
  const auto vias = message.all("Via");
  if (vias.empty()) return Fault{400, "Missing Via"};
  if (vias.size() > kMaxVias) return Fault{400, "Too Many Vias"};
  const bool readable = std::ranges::all_of(vias, [](const std::string& via) { return Via::parse(via).has_value(); });
  return readable ? std::nullopt : std::optional{Fault{400, "Bad Via"}};
}

std::optional<Fault> check_cseq(const Message& message) {
  const auto cseq = message.cseq();
  if (!cseq) return Fault{400, "Bad CSeq"};
  if (message.is_request() && cseq->method != message.method()) return Fault{400, "CSeq Method Mismatch"};
  return std::nullopt;
}

std::optional<Fault> check_parties(const Message& message) {
  if (!message.from()) return Fault{400, "Bad From"};
  if (!message.to()) return Fault{400, "Bad To"};
  return std::nullopt;
}

std::optional<Fault> check_call_id(const Message& message) {
  const std::string_view id = message.call_id();
  const bool bad = id.empty() || id.size() > kMaxCallIdLength || id.find_first_of(" \t,;") != std::string_view::npos;
  return bad ? std::optional{Fault{400, "Bad Call-ID"}} : std::nullopt;
}

std::optional<Fault> check_max_forwards(const Message& message) {
  const std::string* field = message.find("Max-Forwards");
  if (field == nullptr || common::parse_number<std::uint8_t>(*field)) return std::nullopt;
  return Fault{400, "Bad Max-Forwards"};
}

std::optional<Fault> check_request_uri(const Message& message) {
  if (!message.is_request()) return std::nullopt;
  if (message.request_uri().size() > kMaxUriLength) return Fault{414, "Request-URI Too Long"};
  const auto uri = Uri::parse(message.request_uri());
  if (!uri) return Fault{400, "Bad Request-URI"};
  if (!uri->is_sip() && uri->scheme != "tel") return Fault{416, "Unsupported URI Scheme"};
  if (!uri->headers.empty()) return Fault{400, "Header Fields in Request-URI"};
  return std::nullopt;
}

std::optional<Fault> check_addresses(const Message& message) {
  for (const Header& header : message.headers()) {
    const bool route = header.name == "Route" || header.name == "Record-Route" || header.name == "Path";
    const bool contact = header.name == "Contact" && header.value != "*";
    if (!route && !contact) continue;
    if (!NameAddr::parse(header.value)) return Fault{400, route ? "Bad Route" : "Bad Contact"};
  }
  return std::nullopt;
}

constexpr std::array<Check, 8> kChecks{check_once,    check_vias,         check_cseq,        check_parties,
                                       check_call_id, check_max_forwards, check_request_uri, check_addresses};

/// Method of a request whose start line is only roughly one; empty: not a request, or an ACK.
std::string_view salvage_method(std::string_view line) {
  const std::string_view method = common::take_until(line, ' ');
  const std::size_t version = line.rfind("SIP/");
  const bool request = is_token(method) && method != "ACK" && version != std::string_view::npos && version > 0;
  return request ? method : std::string_view{};
}

/// Keeps the fields that a response repeats, as they stand.
void salvage_header(std::string_view line, Message& request) {
  constexpr std::array<std::string_view, 5> kRepeated{"Via", "From", "To", "Call-ID", "CSeq"};
  const std::string_view name = usual_name(common::trim(common::take_until(line, ':')));
  const std::string_view value = common::trim(line);
  if (value.empty() || has_stray_control(value)) return;
  if (std::ranges::find(kRepeated, name) == kRepeated.end()) return;
  if (name == "Via" || !request.has(name)) request.append(name, value);
}

Fault fault_of(ParseError error) {
  switch (error) {
    case ParseError::BadVersion:
      return {505, "Version Not Supported"};
    case ParseError::TooManyHeaders:
      return {400, "Too Many Header Fields"};
    case ParseError::Truncated:
      return {400, "Message Shorter Than Content-Length"};
    case ParseError::BadStartLine:
      return {400, "Bad Request-Line"};
    case ParseError::BadHeader:
    case ParseError::KeepAlive:
    case ParseError::NotSip:
      break;
  }
  return {400, "Bad Header Field"};
}

}  // namespace

std::optional<Fault> check(const Message& message) {
  for (const Check step : kChecks) {
    if (auto fault = step(message)) return fault;
  }
  return std::nullopt;
}

std::optional<Message> refusal(const Message& message, const Fault& fault) {
  if (!message.is_request() || message.is("ACK") || !message.has("Via")) return std::nullopt;
  return Message::response_to(message, fault.status, fault.reason, kStatelessTag);
}

std::optional<Message> refusal(std::string_view bytes, ParseError error) {
  if (error == ParseError::KeepAlive || error == ParseError::NotSip) return std::nullopt;
  bytes.remove_prefix(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
  const std::string start = take_line(bytes, false);
  const std::string_view method = salvage_method(start);
  if (method.empty()) return std::nullopt;
  Message request = Message::request(method, "sip:unreadable.invalid");
  for (std::size_t i = 0; i < kMaxSalvagedLines && !bytes.empty(); ++i) {
    const std::string line = take_line(bytes, true);
    if (line.empty()) break;
    salvage_header(line, request);
  }
  if (!request.has("From") || !request.has("To") || !request.has("Call-ID") || !request.has("CSeq")) {
    return std::nullopt;
  }
  return refusal(request, fault_of(error));
}

}  // namespace proxy::sip
