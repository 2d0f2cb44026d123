#include "proxy/transport/stream_framer.h"

#include <algorithm>

#include "common/base/text.h"

namespace proxy::transport {
namespace {

using Error = StreamFramer::Error;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeaderEnd = "\r\n\r\n";
constexpr std::string_view kVersion = "SIP/";
constexpr std::size_t kKeptCapacity = 4096;

bool is_token_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-.!%*_+`'~"}.find(c) != std::string_view::npos;
}

/// `METHOD sip:… SIP/2.0` or `SIP/2.0 200 OK`, or enough like it to be answered: of any version, with stray spaces.
bool is_start_line(std::string_view line) noexcept {
  line = common::trim(line);
  if (common::istarts_with(line, kVersion)) return line.find(' ') != std::string_view::npos;
  const std::size_t last_space = line.rfind(' ');
  return last_space != std::string_view::npos && last_space != line.find(' ') &&
         common::istarts_with(line.substr(last_space + 1), kVersion);
}

/// Takes one header field with its continuation lines off the front of `rest`.
std::string_view take_field(std::string_view& rest) noexcept {
  std::size_t end = rest.find(kLineEnd);
  while (end != std::string_view::npos && end + 2 < rest.size() && (rest[end + 2] == ' ' || rest[end + 2] == '\t'))
    end = rest.find(kLineEnd, end + 2);
  const std::string_view field = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
  return field;
}

bool is_content_length(std::string_view name) noexcept {
  return common::iequals(name, "l") || common::iequals(name, "Content-Length");
}

/// Every Content-Length of a header, which must agree with each other.
common::Result<std::size_t, Error> content_length(std::string_view fields) {
  std::optional<std::size_t> found;
  while (!fields.empty()) {
    std::string_view field = take_field(fields);
    if (!is_content_length(common::trim(common::take_until(field, ':')))) continue;
    const auto value = common::parse_number<std::size_t>(common::trim(field));
    if (!value || (found && *found != *value)) return common::Err{Error::BadContentLength};
    found = value;
  }
  if (!found) return common::Err{Error::MissingContentLength};
  return *found;
}

}  // namespace

void StreamFramer::push(std::string_view bytes) {
  if (start_ > 0) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  buffer_.append(bytes);
}

bool StreamFramer::only_line_ends() const noexcept {
  return std::ranges::all_of(pending(), [](char c) { return c == '\r' || c == '\n'; });
}

void StreamFramer::consume(std::size_t count) noexcept {
  start_ += count;
  scanned_ = 0;
  length_ = 0;
}

/// True: a ping was taken. False: a message begins here, or more bytes are needed.
common::Result<bool, Error> StreamFramer::take_line_ends() {
  while (length_ == 0 && !pending().empty() && pending().front() == '\r') {
    const std::string_view bytes = pending().substr(0, kHeaderEnd.size());
    if (bytes == kHeaderEnd) {
      consume(kHeaderEnd.size());
      return true;
    }
    if (kHeaderEnd.starts_with(bytes)) return false;  // maybe the first part of a ping
    if (!bytes.starts_with(kLineEnd)) return common::Err{Error::NotSip};
    consume(kLineEnd.size());  // a pong, or a line end before a start line, RFC 3261 §7.5
  }
  return false;
}

/// True: the header is complete and length_ is known.
common::Result<bool, Error> StreamFramer::read_header() {
  const std::string_view bytes = pending();
  if (bytes.empty() || bytes.front() == '\r') return false;  // take_line_ends() waits for more
  if (!is_token_char(bytes.front())) return common::Err{Error::NotSip};
  const std::size_t line_end = bytes.find(kLineEnd);
  if (line_end != std::string_view::npos && !is_start_line(bytes.substr(0, line_end)))
    return common::Err{Error::NotSip};
  const std::size_t end = bytes.find(kHeaderEnd, scanned_);
  const std::size_t header = end == std::string_view::npos ? bytes.size() : end + kHeaderEnd.size();
  if (header > limits_.max_header) return common::Err{Error::HeaderTooLarge};
  if (end == std::string_view::npos) {
    scanned_ = bytes.size() - std::min(bytes.size(), kHeaderEnd.size() - 1);
    return false;
  }
  const auto body = content_length(bytes.substr(line_end + 2, end - line_end));
  if (!body) {
    endless_ = header;
    return common::Err{body.error()};
  }
  if (*body > limits_.max_message || header + *body > limits_.max_message) return common::Err{Error::MessageTooLarge};
  length_ = header + *body;
  return true;
}

common::Result<std::optional<StreamFramer::Output>, Error> StreamFramer::poll() {
  const auto ping = take_line_ends();
  if (!ping) return common::Err{ping.error()};
  if (*ping) return Output{Ping{}};
  if (length_ == 0) {
    const auto complete = read_header();
    if (!complete) return common::Err{complete.error()};
  }
  if (length_ == 0 || pending().size() < length_) {
    if (start_ == buffer_.size() && buffer_.capacity() > kKeptCapacity) std::string{}.swap(buffer_), start_ = 0;
    return std::optional<Output>{};
  }
  const std::string_view message = pending().substr(0, length_);
  consume(length_);
  return Output{Message{message}};
}

}  // namespace proxy::transport
