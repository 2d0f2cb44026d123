#include "proxy/sip/message.h"

#include <algorithm>

#include "common/base/invariant.h"
#include "common/base/text.h"
#include "proxy/sip/header_names.h"
#include "proxy/sip/lines.h"
#include "proxy/sip/sdp_part.h"

namespace proxy::sip {

namespace {

constexpr std::string_view kVersion = "SIP/2.0";

}  // namespace

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view kMarks = "-.!%*_+`'~";
  const auto allowed = [&](char c) {
    const char l = common::to_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

std::string_view to_string(ParseError error) noexcept {
  switch (error) {
    case ParseError::KeepAlive:
      return "keep_alive";
    case ParseError::NotSip:
      return "not_sip";
    case ParseError::BadStartLine:
      return "bad_start_line";
    case ParseError::BadVersion:
      return "bad_version";
    case ParseError::BadHeader:
      return "bad_header";
    case ParseError::TooManyHeaders:
      return "too_many_headers";
    case ParseError::Truncated:
      return "truncated";
  }
  return "unknown";
}

common::Result<void, ParseError> Message::parse_start_line(std::string_view line) {
  if (has_control(line)) return common::Err{ParseError::BadStartLine};
  if (common::istarts_with(line, "SIP/")) {
    const std::string_view version = common::take_until(line, ' ');
    if (!common::iequals(version, kVersion)) return common::Err{ParseError::BadVersion};
    const auto status = common::parse_number<int>(common::take_until(line, ' '));
    if (!status || *status < 100 || *status > 699) return common::Err{ParseError::BadStartLine};
    status_ = *status;
    reason_ = line;
    return {};
  }
  method_ = common::take_until(line, ' ');
  uri_ = common::take_until(line, ' ');
  if (!is_token(method_) || uri_.empty() || line.empty()) return common::Err{ParseError::BadStartLine};
  if (!common::iequals(line, kVersion)) {
    const bool other_version = common::istarts_with(line, "SIP/") && line.find(' ') == std::string_view::npos;
    return common::Err{other_version ? ParseError::BadVersion : ParseError::BadStartLine};
  }
  return {};
}

common::Result<void, ParseError> Message::parse_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return common::Err{ParseError::BadHeader};
  const std::string_view written = common::trim(line.substr(0, colon));
  const std::string_view value = common::trim(line.substr(colon + 1));
  if (!is_token(written) || has_stray_control(value)) return common::Err{ParseError::BadHeader};
  const std::string_view name = usual_name(written);
  if (!is_split_list(name)) {
    headers_.push_back({std::string{name}, std::string{value}});
    return {};
  }
  for (const std::string_view piece : split_outside_quotes(value, ',')) {
    if (headers_.size() >= kMaxHeaders) return common::Err{ParseError::TooManyHeaders};
    if (!piece.empty()) headers_.push_back({std::string{name}, std::string{piece}});
  }
  return {};
}

common::Result<Message, ParseError> Message::parse(std::string_view bytes) {
  while (bytes.starts_with("\r\n") || bytes.starts_with('\n')) bytes.remove_prefix(bytes.front() == '\n' ? 1 : 2);
  if (bytes.find_first_not_of(std::string_view{"\0 \t", 3}) == std::string_view::npos)
    return common::Err{ParseError::KeepAlive};
  Message message;
  if (auto ok = message.parse_start_line(take_line(bytes, false)); !ok) return common::Err{ok.error()};
  for (bool in_headers = true; in_headers;) {
    if (bytes.empty()) return common::Err{ParseError::Truncated};
    const std::string line = take_line(bytes, true);
    in_headers = !line.empty();
    if (!in_headers) break;
    if (message.headers_.size() >= kMaxHeaders) return common::Err{ParseError::TooManyHeaders};
    if (auto ok = message.parse_header(line); !ok) return common::Err{ok.error()};
  }
  if (auto ok = message.take_body(bytes); !ok) return common::Err{ok.error()};
  return message;
}

common::Result<void, ParseError> Message::take_body(std::string_view rest) {
  const auto lengths = all("Content-Length");
  if (lengths.size() > 1) return common::Err{ParseError::BadHeader};  // whom would the next hop believe?
  if (!lengths.empty()) {
    const auto announced = common::parse_number<std::uint32_t>(lengths.front());
    if (!announced) return common::Err{ParseError::BadHeader};
    if (*announced > rest.size()) return common::Err{ParseError::Truncated};
    rest = rest.substr(0, *announced);
  }
  body_ = rest;
  remove("Content-Length");
  return {};
}

Message Message::request(std::string_view method, std::string_view uri) {
  Message message;
  message.method_ = method;
  message.uri_ = uri;
  return message;
}

Message Message::response(int status, std::string_view reason) {
  Message message;
  message.status_ = status;
  message.reason_ = reason;
  return message;
}

Message Message::response_to(const Message& request, int status, std::string_view reason, std::string_view to_tag) {
  Message message = response(status, reason);
  for (const std::string& via : request.all("Via")) message.append("Via", via);
  message.append("From", request.get("From"));
  std::string to{request.get("To")};
  if (!to_tag.empty() && status != 100 && request.to_tag().empty()) to.append(";tag=").append(to_tag);
  message.append("To", to);
  message.append("Call-ID", request.call_id());
  message.append("CSeq", request.get("CSeq"));
  return message;
}

const std::string* Message::find(std::string_view name) const noexcept {
  for (const Header& header : headers_) {
    if (common::iequals(header.name, name)) return &header.value;
  }
  return nullptr;
}

std::string_view Message::get(std::string_view name) const noexcept {
  const std::string* value = find(name);
  return value == nullptr ? std::string_view{} : std::string_view{*value};
}

std::vector<std::string> Message::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const Header& header : headers_) {
    if (common::iequals(header.name, name)) values.push_back(header.value);
  }
  return values;
}

void Message::set(std::string_view name, std::string_view value) {
  const auto matches = [&](const Header& header) { return common::iequals(header.name, name); };
  const auto first = std::ranges::find_if(headers_, matches);
  if (first == headers_.end()) return append(name, value);
  first->value = value;
  headers_.erase(std::remove_if(first + 1, headers_.end(), matches), headers_.end());
}

void Message::append(std::string_view name, std::string_view value) {
  headers_.push_back({std::string{name}, std::string{value}});
}

void Message::prepend(std::string_view name, std::string_view value) {
  auto at = std::ranges::find_if(headers_, [&](const Header& header) { return common::iequals(header.name, name); });
  if (at == headers_.end()) {
    at = name == "Via" ? headers_.begin()
                       : std::ranges::find_if(headers_, [](const Header& h) { return h.name != "Via"; });
  }
  headers_.insert(at, {std::string{name}, std::string{value}});
}

void Message::remove(std::string_view name) {
  std::erase_if(headers_, [&](const Header& header) { return common::iequals(header.name, name); });
}

void Message::remove_first(std::string_view name) {
  const auto at = std::ranges::find_if(headers_, [&](const Header& h) { return common::iequals(h.name, name); });
  if (at != headers_.end()) headers_.erase(at);
}

void Message::replace_at(std::string_view name, std::size_t index, std::string_view value) {
  for (Header& header : headers_) {
    if (!common::iequals(header.name, name)) continue;
    if (index-- > 0) continue;
    header.value = value;
    return;
  }
}

bool Message::list_has(std::string_view name, std::string_view token) const {
  for (const Header& header : headers_) {
    if (!common::iequals(header.name, name)) continue;
    for (const std::string_view piece : split_outside_quotes(header.value, ',')) {
      if (common::iequals(piece, token)) return true;
    }
  }
  return false;
}

std::optional<CSeq> Message::cseq() const {
  std::string_view text = get("CSeq");
  const std::size_t space = text.find_first_of(" \t");
  if (space == std::string_view::npos) return std::nullopt;
  const auto number = common::parse_number<std::uint32_t>(text.substr(0, space));
  const std::string_view method = common::trim(text.substr(space));
  if (!number || *number > 0x7fffffff || !is_token(method)) return std::nullopt;
  return CSeq{*number, std::string{method}};
}

void Message::set_cseq(std::uint32_t number) {
  if (const auto old = cseq()) set("CSeq", std::to_string(number) + ' ' + old->method);
}

std::optional<Via> Message::top_via() const {
  const std::string* value = find("Via");
  return value == nullptr ? std::nullopt : Via::parse(*value);
}

std::optional<NameAddr> Message::from() const { return NameAddr::parse(get("From")); }
std::optional<NameAddr> Message::to() const { return NameAddr::parse(get("To")); }

std::string Message::from_tag() const {
  const auto value = from();
  return value ? std::string{value->tag()} : std::string{};
}

std::string Message::to_tag() const {
  const auto value = to();
  return value ? std::string{value->tag()} : std::string{};
}

void Message::set_body(std::string body, std::string_view content_type) {
  body_ = std::move(body);
  if (!content_type.empty()) set("Content-Type", content_type);
}

void Message::remove_body() {
  body_.clear();
  remove("Content-Type");
}

std::string_view Message::sdp() const {
  const auto part = find_sdp(get("Content-Type"), body_);
  return part ? std::string_view{body_}.substr(part->begin, part->size) : std::string_view{};
}

bool Message::has_unclear_sdp() const { return is_unclear(get("Content-Type"), body_); }

void Message::set_sdp(std::string_view sdp) {
  const auto part = find_sdp(get("Content-Type"), body_);
  INVARIANT(part, "a description is replaced, never added");
  body_.replace(part->begin, part->size, sdp);
}

std::string Message::to_string() const {
  std::string text;
  text.reserve(1024 + body_.size());
  if (is_request()) {
    text.append(method_).append(" ").append(uri_).append(" SIP/2.0\r\n");
  } else {
    text.append("SIP/2.0 ").append(std::to_string(status_)).append(" ").append(reason_).append("\r\n");
  }
  for (const Header& header : headers_) text.append(header.name).append(": ").append(header.value).append("\r\n");
  text.append("Content-Length: ").append(std::to_string(body_.size())).append("\r\n\r\n").append(body_);
  return text;
}

}  // namespace proxy::sip
