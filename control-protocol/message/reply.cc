#include "control-protocol/message/reply.h"

#include <algorithm>

namespace ng {
namespace {

std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Ok:
      return "ok";
    case Outcome::Pong:
      return "pong";
    case Outcome::Error:
      return "error";
    case Outcome::LoadLimit:
      return "load limit";
  }
  return "error";
}

std::string joined(const std::vector<std::string>& warnings) {
  std::string text;
  for (const auto& warning : warnings) text += (text.empty() ? "" : "; ") + warning;
  return text;
}

std::string take_text(Dictionary& dictionary, std::string_view key) {
  const auto found = dictionary.find(key);
  if (found == dictionary.end()) return {};
  std::string text = found->second.as_text();
  dictionary.erase(found);
  return text;
}

}  // namespace

Reply Reply::error(std::string_view reason) {
  Reply reply;
  reply.outcome = Outcome::Error;
  reply.error_reason = reason;
  return reply;
}

Reply Reply::limit(std::string_view reason, const std::vector<std::string>& supports) {
  if (std::ranges::find(supports, "load limit") == supports.end()) return error(reason);
  Reply reply;
  reply.outcome = Outcome::LoadLimit;
  reply.load_limit_reason = reason;
  return reply;
}

std::string Reply::text(std::string_view key) const {
  const auto found = body.find(key);
  return found == body.end() ? std::string{} : found->second.as_text();
}

Dictionary write_reply(const Reply& reply) {
  Dictionary dictionary = reply.body;
  dictionary.insert_or_assign("result", to_string(reply.outcome));
  if (reply.outcome == Outcome::Error) dictionary.insert_or_assign("error-reason", reply.error_reason);
  if (reply.outcome == Outcome::LoadLimit) dictionary.insert_or_assign("message", reply.load_limit_reason);
  if (!reply.warnings.empty()) dictionary.insert_or_assign("warning", joined(reply.warnings));
  return dictionary;
}

Reply read_reply(Dictionary dictionary) {
  const std::string result = take_text(dictionary, "result");
  for (const Outcome outcome : {Outcome::Ok, Outcome::Pong, Outcome::Error, Outcome::LoadLimit}) {
    if (result != to_string(outcome)) continue;
    Reply reply;
    reply.outcome = outcome;
    if (outcome == Outcome::Error) reply.error_reason = take_text(dictionary, "error-reason");
    if (outcome == Outcome::LoadLimit) reply.load_limit_reason = take_text(dictionary, "message");
    if (auto warning = take_text(dictionary, "warning"); !warning.empty()) reply.warnings.push_back(std::move(warning));
    reply.body = std::move(dictionary);
    return reply;
  }
  return Reply::error("the reply has no known result");
}

}  // namespace ng
