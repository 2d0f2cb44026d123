#include "control-protocol/message/request.h"

namespace ng {
namespace {

void put(Dictionary& dictionary, std::string_view key, const std::string& text) {
  if (!text.empty()) dictionary.insert_or_assign(std::string(key), text);
}

List received_from(const common::IpAddress& address) {
  return {Value(address.is_v4() ? "IP4" : "IP6"), Value(address.to_string())};
}

}  // namespace

Dictionary write_request(const Request& request) {
  Dictionary dictionary;
  dictionary.insert_or_assign("command", to_string(request.command));
  put(dictionary, "call-id", request.call_id);
  put(dictionary, "from-tag", request.from_tag);
  put(dictionary, "to-tag", request.to_tag);
  put(dictionary, "via-branch", request.via_branch);
  put(dictionary, "sdp", request.sdp);
  put(dictionary, "teardown", request.teardown_blob);
  put(dictionary, "reason", request.reason);
  if (request.received_from) dictionary.insert_or_assign("received-from", received_from(*request.received_from));
  if (!request.supports.empty()) {
    dictionary.insert_or_assign("supports", List(request.supports.begin(), request.supports.end()));
  }
  if (request.delete_delay) dictionary.insert_or_assign("delete-delay", request.delete_delay->count());
  if (request.limit) dictionary.insert_or_assign("limit", *request.limit);
  if (!request.teardown_to.empty()) {
    List addresses;
    for (const auto& address : request.teardown_to) addresses.emplace_back(address.to_string());
    dictionary.insert_or_assign("teardown-to", std::move(addresses));
  }
  write_flags(request.flags, dictionary);
  return dictionary;
}

}  // namespace ng
