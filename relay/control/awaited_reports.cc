#include "relay/control/awaited_reports.h"

#include <utility>

#include "relay/control/call_report.h"

namespace relay::control {

worker::Token AwaitedReports::await(std::optional<ng::RequestId> request, std::shared_ptr<const Call> call,
                                    common::Instant now) {
  const worker::Token token{++last_token_};
  waiting_.emplace(token, Waiting{request, std::move(call)});
  deadlines_.schedule(token, now + patience_);
  return token;
}

std::optional<Answered> AwaitedReports::on_reported(const worker::Reported& reported, common::WallTime now) {
  const auto found = waiting_.find(reported.token);
  if (found == waiting_.end()) return std::nullopt;
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  deadlines_.cancel(reported.token);
  if (!waiting.request) return std::nullopt;
  ng::Reply reply = ng::Reply::ok();
  reply.body = describe_call(*waiting.call, reported.report, now);
  return Answered{*waiting.request, std::move(reply)};
}

std::vector<Answered> AwaitedReports::on_timeout(Now now) {
  std::vector<Answered> replies;
  for (const worker::Token token : deadlines_.expire(now.instant)) {
    ++late_;
    auto answered = on_reported({token, {}}, now.wall);
    if (!answered) continue;
    answered->reply.warnings.emplace_back("the media thread did not report in time");
    replies.push_back(std::move(*answered));
  }
  return replies;
}

}  // namespace relay::control
