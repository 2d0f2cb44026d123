#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "control-protocol/message/request.h"

namespace ng {
namespace {

constexpr std::array<std::pair<std::string_view, Command>, 7> kCommands{{
    {"ping", Command::Ping},
    {"offer", Command::Offer},
    {"answer", Command::Answer},
    {"delete", Command::Delete},
    {"query", Command::Query},
    {"list", Command::List},
    {"teardown", Command::Teardown},
}};

constexpr std::size_t kMaxWarnings = 16;

void warn(Request& request, std::string_view what, std::string_view which) {
  if (request.warnings.size() < kMaxWarnings) {
    request.warnings.push_back("unknown " + std::string(what) + " '" + std::string(which.substr(0, 64)) + "' ignored");
  }
}

void read_flag_words(Request& request, const Value& value) {
  for (const std::string& word : value.as_texts()) {
    if (!apply_flag(request.flags, word)) warn(request, "flag", word);
  }
}

/// One string of flags split at spaces, where `key=[a b]` stays together.
void read_rtpp_flags(Request& request, std::string_view text) {
  while (!(text = common::trim(text)).empty()) {
    auto end = text.find_first_of(" \t");
    if (const auto open = text.find("=["); open != std::string_view::npos && open < end) {
      const auto close = text.find(']', open);
      end = close == std::string_view::npos ? text.size() : close + 1;
    }
    const auto flag = text.substr(0, end);
    text.remove_prefix(flag.size());
    if (!apply_flag(request.flags, flag)) warn(request, "flag", flag);
  }
}

/// [IP4, 192.0.2.1], or the address alone.
std::optional<common::IpAddress> read_received_from(const Value& value) {
  const auto words = value.as_texts();
  return words.empty() ? std::nullopt : common::IpAddress::parse(words.back());
}

std::vector<common::SocketAddress> read_addresses(const Value& value) {
  std::vector<common::SocketAddress> addresses;
  for (const std::string& word : value.as_texts()) {
    if (const auto address = common::SocketAddress::parse(word)) addresses.push_back(*address);
  }
  return addresses;
}

void read_delete_delay(Request& request, const Value& value) {
  const auto seconds = value.as_integer();
  if (seconds && *seconds >= 0 && *seconds <= 3600) request.delete_delay = std::chrono::seconds{*seconds};
}

void read_limit(Request& request, const Value& value) {
  const auto limit = value.as_integer();
  if (limit && *limit >= 0) {
    request.limit = static_cast<std::uint32_t>(std::min<std::int64_t>(*limit, 1'000'000));
  }
}

struct Field {
  std::string_view key;
  void (*read)(Request&, const Value&);
};

constexpr std::array kFields{
    Field{"command", [](Request&, const Value&) {}},
    Field{"call-id", [](Request& r, const Value& v) { r.call_id = v.as_text(); }},
    Field{"from-tag", [](Request& r, const Value& v) { r.from_tag = v.as_text(); }},
    Field{"to-tag", [](Request& r, const Value& v) { r.to_tag = v.as_text(); }},
    Field{"via-branch", [](Request& r, const Value& v) { r.via_branch = v.as_text(); }},
    Field{"sdp", [](Request& r, const Value& v) { r.sdp = v.as_text(); }},
    Field{"received-from", [](Request& r, const Value& v) { r.received_from = read_received_from(v); }},
    Field{"flags", read_flag_words},
    Field{"rtpp-flags", [](Request& r, const Value& v) { read_rtpp_flags(r, v.as_text()); }},
    Field{"supports", [](Request& r, const Value& v) { r.supports = v.as_texts(); }},
    Field{"delete-delay", read_delete_delay},
    Field{"limit", read_limit},
    Field{"teardown", [](Request& r, const Value& v) { r.teardown_blob = v.as_text(); }},
    Field{"teardown-to", [](Request& r, const Value& v) { r.teardown_to = read_addresses(v); }},
    Field{"reason", [](Request& r, const Value& v) { r.reason = v.as_text(); }},
};

void read_entry(Request& request, const std::string& key, const Value& value) {
  const std::string name = normal_key(key);
  const auto field = std::ranges::find(kFields, name, &Field::key);
  if (field != kFields.end()) return field->read(request, value);
  if (!apply_key(request.flags, name, value)) warn(request, "key or value of", key);
}

std::optional<RequestError> missing(const Request& request) {
  const auto needs = [&](std::initializer_list<Command> commands) {
    return std::ranges::find(commands, request.command) != commands.end();
  };
  if (needs({Command::Offer, Command::Answer, Command::Delete, Command::Query, Command::Teardown}) &&
      request.call_id.empty())
    return RequestError::NoCallId;
  if (needs({Command::Offer, Command::Answer}) && request.from_tag.empty()) return RequestError::NoFromTag;
  if (needs({Command::Answer}) && request.to_tag.empty()) return RequestError::NoToTag;
  if (needs({Command::Offer, Command::Answer}) && request.sdp.empty()) return RequestError::NoSdp;
  if (needs({Command::Teardown}) && request.teardown_blob.empty()) return RequestError::NoBlob;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Command command) noexcept { return kCommands[static_cast<std::size_t>(command)].first; }

std::string_view to_string(RequestError error) noexcept {
  switch (error) {
    case RequestError::NoCommand:
      return "Dictionary contains no key \"command\"";
    case RequestError::UnknownCommand:
      return "Unrecognized command";
    case RequestError::NoCallId:
      return "No call-id in message";
    case RequestError::NoFromTag:
      return "No from-tag in message";
    case RequestError::NoToTag:
      return "No to-tag in message";
    case RequestError::NoSdp:
      return "No SDP body in message";
    case RequestError::NoBlob:
      return "No teardown in message";
  }
  return "Unreadable request";
}

common::Result<Request, RequestError> read_request(const Dictionary& dictionary) {
  const auto command = dictionary.find("command");
  if (command == dictionary.end()) return common::Err{RequestError::NoCommand};
  const std::string name = command->second.as_text();
  const auto known = std::ranges::find_if(kCommands, [&](const auto& c) { return common::iequals(c.first, name); });
  if (known == kCommands.end()) return common::Err{RequestError::UnknownCommand};
  Request request;
  request.command = known->second;
  for (const auto& [key, value] : dictionary) read_entry(request, key, value);
  for (const std::string_view flag : not_supported(request.flags)) {
    request.warnings.push_back("flag '" + std::string(flag) + "' is not supported, ignored");
  }
  if (const auto error = missing(request)) return common::Err{*error};
  return request;
}

}  // namespace ng
