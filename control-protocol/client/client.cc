#include "control-protocol/client/client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "control-protocol/message/envelope.h"

namespace ng {

std::string_view to_string(ClientError error) noexcept {
  switch (error) {
    case ClientError::Deadline:
      return "no reply in time";
    case ClientError::Unreachable:
      return "unreachable";
  }
  return "unreachable";
}

CallId Client::send(const Request& request, common::Instant now) {
  const CallId id{++last_id_};
  const std::string cookie = cookie_prefix_ + '_' + std::to_string(id.value);
  InFlight call{seal_envelope(cookie, Encoding::Bencode, write_request(request)), now + config_.deadline,
                config_.first_repeat};
  output_.push_back(SendRequest{call.message});
  arm(id, call, now);
  in_flight_.emplace(id, std::move(call));
  return id;
}

void Client::arm(CallId id, const InFlight& call, common::Instant now) {
  timers_.schedule(id, config_.reliable ? call.deadline : std::min(now + call.repeat, call.deadline));
}

std::optional<CallId> Client::id_of(std::string_view cookie) const {
  if (!cookie.starts_with(cookie_prefix_) || cookie.size() <= cookie_prefix_.size()) return std::nullopt;
  const auto number = common::parse_number<std::uint64_t>(cookie.substr(cookie_prefix_.size() + 1));
  if (!number || !in_flight_.contains(CallId{*number})) return std::nullopt;
  return CallId{*number};
}

void Client::on_message(std::string_view message, common::Instant) {
  const auto envelope = open_envelope(message);
  if (!envelope) return;
  const auto id = id_of(envelope->cookie);
  if (!id) return;
  auto dictionary = decode(envelope->encoding, envelope->payload);
  if (!dictionary) return;  // a damaged reply is no reply: the repeat fetches it again
  finish(*id, read_reply(std::move(*dictionary)));
}

void Client::on_unreachable() {
  std::vector<CallId> ids;
  ids.reserve(in_flight_.size());
  for (const auto& [id, call] : in_flight_) ids.push_back(id);
  std::ranges::sort(ids);
  for (const CallId id : ids) finish(id, common::Err{ClientError::Unreachable});
}

void Client::cancel(CallId id) {
  timers_.cancel(id);
  in_flight_.erase(id);
}

void Client::finish(CallId id, common::Result<Reply, ClientError> result) {
  cancel(id);
  output_.push_back(Completed{id, std::move(result)});
}

void Client::on_timeout(common::Instant now) {
  for (const CallId id : timers_.expire(now)) {
    InFlight& call = in_flight_.at(id);
    if (now >= call.deadline) {
      finish(id, common::Err{ClientError::Deadline});
      continue;
    }
    output_.push_back(SendRequest{call.message});
    call.repeat *= 2;
    arm(id, call, now);
  }
}

std::optional<ClientOutput> Client::poll_output() {
  if (output_.empty()) return std::nullopt;
  ClientOutput next = std::move(output_.front());
  output_.pop_front();
  return next;
}

}  // namespace ng
