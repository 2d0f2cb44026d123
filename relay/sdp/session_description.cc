#include "relay/sdp/session_description.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace relay::sdp {
namespace {

constexpr std::size_t kMaxBytes = 65536;
constexpr std::size_t kMaxLines = 2048;
constexpr std::size_t kMaxMedia = 32;
constexpr std::string_view kSessionOrder = "vosiuepcbtrzka";

/// Name of an attribute line, without its value.
std::string_view name_of(std::string_view value) { return value.substr(0, value.find(':')); }

bool is_attribute(const Line& line, std::string_view name) { return line.type == 'a' && name_of(line.value) == name; }

std::string_view value_of(std::string_view value) {
  const auto colon = value.find(':');
  return colon == std::string_view::npos ? std::string_view{} : value.substr(colon + 1);
}

/// `audio 49170[/2] RTP/AVP 0 8`
std::optional<Media> read_media_line(std::string_view value) {
  std::vector<std::string> words;
  for (const auto word : common::split(value, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.size() < 3 || words.size() > 128) return std::nullopt;
  std::string_view port_text = words[1];
  const auto port = common::parse_number<std::uint16_t>(common::take_until(port_text, '/'));
  if (!port) return std::nullopt;
  Media media{words[0], *port, words[2], {}, {}};
  media.formats.assign(std::make_move_iterator(words.begin() + 3), std::make_move_iterator(words.end()));
  return media;
}

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find_first_of("\r\n");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(line.size());
  if (rest.starts_with("\r\n")) {
    rest.remove_prefix(2);
  } else if (!rest.empty()) {
    rest.remove_prefix(1);
  }
  return line;
}

void append(std::string& out, const Lines& lines) {
  for (const Line& line : lines.all) {
    out += line.type;
    out += '=';
    out += line.value;
    out += "\r\n";
  }
}

}  // namespace

std::optional<std::string_view> Lines::first(char type) const {
  const auto found = std::ranges::find(all, type, &Line::type);
  if (found == all.end()) return std::nullopt;
  return found->value;
}

std::optional<std::string_view> Lines::attribute(std::string_view name) const {
  const auto found = std::ranges::find_if(all, [&](const Line& line) { return is_attribute(line, name); });
  if (found == all.end()) return std::nullopt;
  return value_of(found->value);
}

std::vector<std::string_view> Lines::attributes(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Line& line : all) {
    if (is_attribute(line, name)) values.push_back(value_of(line.value));
  }
  return values;
}

void Lines::add(std::string_view attribute) { all.push_back({'a', std::string(attribute)}); }

void Lines::add(std::string_view name, std::string_view value) {
  all.push_back({'a', std::string(name) + ':' + std::string(value)});
}

void Lines::remove(std::string_view name) {
  std::erase_if(all, [&](const Line& line) { return is_attribute(line, name); });
}

void Lines::remove_type(char type) {
  std::erase_if(all, [&](const Line& line) { return line.type == type; });
}

void Lines::set(char type, std::string_view value) {
  if (const auto found = std::ranges::find(all, type, &Line::type); found != all.end()) {
    found->value = value;
    return;
  }
  const auto rank = [](char t) { return kSessionOrder.find(t); };
  const auto behind = std::ranges::find_if(all, [&](const Line& line) { return rank(line.type) > rank(type); });
  all.insert(behind, {type, std::string(value)});
}

std::string ParseError::to_string() const {
  constexpr std::array<std::string_view, 7> kTexts{"SDP is empty",
                                                   "SDP is longer than 64 KiB",
                                                   "SDP has more than 2048 lines",
                                                   "SDP has more than 32 media sections",
                                                   "SDP line is not of the form <type>=<value>",
                                                   "SDP media line is not of the form <media> <port> <proto> <fmt>",
                                                   "SDP does not begin with v=0"};
  std::string text(kTexts[static_cast<std::size_t>(problem)]);
  if (line != 0) text += " (line " + std::to_string(line) + ')';
  return text;
}

common::Result<Description, ParseError> parse(std::string_view text) {
  if (text.size() > kMaxBytes) return common::Err{ParseError{ParseProblem::TooLong}};
  Description description;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto line = next_line(text);
    if (++number > kMaxLines) return common::Err{ParseError{ParseProblem::TooManyLines, number}};
    if (line.empty()) continue;
    if (line.size() < 2 || line[1] != '=') return common::Err{ParseError{ParseProblem::BadLine, number}};
    const auto value = line.substr(2);
    if (description.session.all.empty() && (line[0] != 'v' || common::trim(value) != "0")) {
      return common::Err{ParseError{ParseProblem::NoVersion, number}};
    }
    if (line[0] == 'm') {
      auto media = read_media_line(value);
      if (!media) return common::Err{ParseError{ParseProblem::BadMediaLine, number}};
      if (description.media.size() == kMaxMedia) return common::Err{ParseError{ParseProblem::TooManyMedia, number}};
      description.media.push_back(std::move(*media));
      continue;
    }
    Lines& level = description.media.empty() ? description.session : description.media.back().lines;
    level.all.push_back({line[0], std::string(value)});
  }
  if (description.session.all.empty()) return common::Err{ParseError{ParseProblem::Empty}};
  return description;
}

std::string write(const Description& description) {
  std::string out;
  append(out, description.session);
  for (const Media& media : description.media) {
    out += "m=" + media.kind + ' ' + std::to_string(media.port) + ' ' + media.protocol;
    for (const std::string& format : media.formats) out += ' ' + format;
    out += "\r\n";
    append(out, media.lines);
  }
  return out;
}

std::optional<common::IpAddress> read_connection(std::string_view value) {
  std::vector<std::string_view> words;
  for (const auto word : common::split(common::trim(value), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (words.size() < 3 || words[0] != "IN") return std::nullopt;
  return common::IpAddress::parse(words[2].substr(0, words[2].find('/')));
}

std::string write_connection(const common::IpAddress& address) {
  return (address.is_v4() ? "IN IP4 " : "IN IP6 ") + address.to_string();
}

}  // namespace relay::sdp
