#include "relay/control/call_directory.h"

#include <algorithm>

#include "common/base/overload.h"
#include "common/log/log.h"

namespace relay::control {
namespace {

namespace log = common::log;

constexpr std::size_t kDefaultListLimit = 32;
constexpr std::size_t kMaxCallId = 1024;
constexpr std::string_view kUnknownCall = "Unknown call-id";
constexpr std::string_view kRelayStopped = "relay-stopped";  // reason of a teardown

ng::Reply refusal(const negotiation::ExchangeError& error, const ng::Request& request) {
  return error.out_of_ports ? ng::Reply::limit(ng::kRanOutOfPorts, request.supports) : ng::Reply::error(error.reason);
}

}  // namespace

CallDirectory::CallDirectory(Settings settings, ShardGateway& shards, PortAllocator& ports,
                             common::crypto::Random& random, std::shared_ptr<const dtls::Certificate> certificate)
    : settings_(std::move(settings)),
      shards_(shards),
      ports_(ports),
      random_(random),
      certificate_(std::move(certificate)),
      calls_(shards.count()),
      reports_(settings_.report_deadline) {}

void CallDirectory::on_request(ng::RequestId id, const ng::Request& request, Now now) {
  now_ = now.instant;
  ++counters_.requests[static_cast<std::size_t>(request.command)];
  switch (request.command) {
    case ng::Command::Ping:
      return answer(id, request.command, on_ping());
    case ng::Command::Offer:
      return answer(id, request.command, on_offer(request, now));
    case ng::Command::Answer:
      return answer(id, request.command, on_answer(request, now));
    case ng::Command::List:
      return answer(id, request.command, on_list(request));
    case ng::Command::Query:
      return on_query(id, request);
    case ng::Command::Delete:
      return on_delete(id, request, now);
    case ng::Command::Teardown:
      return answer(id, request.command, ng::Reply::error("Unrecognized command"));
  }
}

void CallDirectory::answer(ng::RequestId id, ng::Command command, ng::Reply reply) {
  if (!reply.succeeded()) ++counters_.refused[static_cast<std::size_t>(command)];
  output_.push_back(Answered{id, std::move(reply)});
}

ng::Reply CallDirectory::on_ping() const {
  ng::Reply reply;
  reply.outcome = ng::Outcome::Pong;
  reply.body["boot-id"] = settings_.boot_id;
  return reply;
}

std::shared_ptr<Call> CallDirectory::open_call(const std::string& call_id, std::size_t shard, Now now) {
  return std::make_shared<Call>(call_id, session::SessionId{++last_session_}, shard, random_.hex(8), now.wall);
}

negotiation::Environment CallDirectory::environment_for(std::size_t shard) {
  return {random_,
          certificate_,
          settings_.ice_lite,
          [this] { return session::LegId{++last_leg_}; },
          [this, shard](std::string_view interface, std::optional<common::IpAddress::Family> family) {
            return ports_.allocate(shard, interface, family);
          },
          [this](std::string_view interface) { return ports_.has_interface(interface); }};
}

void CallDirectory::apply(const Call& call) {
  auto plan = call.plan(environment_for(call.shard()), settings_.media_timeout);
  shards_.post(call.shard(), worker::ApplyPlan{call.session(), std::move(plan)});
}

negotiation::Exchanged CallDirectory::offer_in(Call& call, const ng::Request& request,
                                               std::vector<std::string>& warnings) {
  auto environment = environment_for(call.shard());
  auto result = call.offer(request, environment);
  warnings = std::move(environment.warnings);
  return result;
}

/// On the shard with the fewest calls whose slice of the ports has room.
negotiation::Exchanged CallDirectory::offer_new(const ng::Request& request, std::shared_ptr<Call>& call, Now now,
                                                std::vector<std::string>& warnings) {
  negotiation::Exchanged result = common::Err{negotiation::ExchangeError{std::string(ng::kRanOutOfPorts), true}};
  for (const std::size_t shard : calls_.shards_by_load()) {
    call = open_call(request.call_id, shard, now);
    result = offer_in(*call, request, warnings);
    if (result || !result.error().out_of_ports) break;
  }
  return result;
}

ng::Reply CallDirectory::on_offer(const ng::Request& request, Now now) {
  if (request.call_id.size() > kMaxCallId) return ng::Reply::error("call-id is too long");
  std::shared_ptr<Call> call = calls_.find(request.call_id);
  const bool is_new = call == nullptr;
  if (is_new) {
    const bool full = settings_.max_sessions != 0 && calls_.size() >= settings_.max_sessions;
    if (full || draining_) return ng::Reply::limit(ng::kSessionLimitReached, request.supports);
  }
  ng::Reply reply = ng::Reply::ok();
  const auto sdp = is_new ? offer_new(request, call, now, reply.warnings) : offer_in(*call, request, reply.warnings);
  if (!sdp) {
    log::warn("call.offer_rejected", {{"call_id", request.call_id}, {"reason", sdp.error().reason}});
    return refusal(sdp.error(), request);
  }
  if (is_new) {
    calls_.add(call);
    ++counters_.calls_started;
  }
  call->on_signal(now.wall);
  delayed_deletes_.cancel(call->session());
  apply(*call);
  log::info("call.offer", {{"call_id", call->id()}, {"shard", call->shard()}, {"new", is_new}});
  for (const std::string& warning : reply.warnings) {
    log::warn("call.offer_doubtful", {{"call_id", call->id()}, {"reason", warning}});
  }
  reply.body["sdp"] = *sdp;
  reply.body["boot-id"] = settings_.boot_id;
  return reply;
}

ng::Reply CallDirectory::on_answer(const ng::Request& request, Now now) {
  const std::shared_ptr<Call> call = calls_.find(request.call_id);
  if (call == nullptr) return ng::Reply::error(kUnknownCall);
  auto environment = environment_for(call->shard());
  const auto sdp = call->answer(request, environment);
  if (!sdp) {
    log::warn("call.answer_rejected", {{"call_id", call->id()}, {"reason", sdp.error().reason}});
    return refusal(sdp.error(), request);
  }
  call->on_signal(now.wall);
  apply(*call);
  log::info("call.answer", {{"call_id", call->id()}, {"shard", call->shard()}});
  ng::Reply reply = ng::Reply::ok();
  reply.body["sdp"] = *sdp;
  reply.body["boot-id"] = settings_.boot_id;
  return reply;
}

ng::Reply CallDirectory::on_list(const ng::Request& request) const {
  ng::List ids;
  const std::size_t limit = request.limit.value_or(kDefaultListLimit);
  for (const CallSummary& call : calls_.summaries(limit)) ids.emplace_back(call.call_id);
  ng::Reply reply = ng::Reply::ok();
  reply.body["calls"] = std::move(ids);
  return reply;
}

void CallDirectory::on_query(ng::RequestId id, const ng::Request& request) {
  const std::shared_ptr<Call> call = calls_.find(request.call_id);
  if (call == nullptr) return answer(id, request.command, ng::Reply::error(kUnknownCall));
  shards_.post(call->shard(), worker::QuerySession{call->session(), reports_.await(id, call, now_)});
}

void CallDirectory::on_delete(ng::RequestId id, const ng::Request& request, Now now) {
  const std::shared_ptr<Call> call = calls_.find(request.call_id);
  const auto nothing_to_do = [&](std::string_view why) {
    ng::Reply reply = ng::Reply::ok();
    reply.warnings.emplace_back(why);
    answer(id, request.command, std::move(reply));
  };
  if (call == nullptr) return nothing_to_do("Call-ID not found or tags didn't match");
  const common::Duration delay = request.delete_delay.value_or(std::chrono::seconds{0});
  if (delay > common::Duration::zero() && request.from_tag.empty() && request.via_branch.empty()) {
    delayed_deletes_.schedule(call->session(), now.instant + delay);
    return on_query(id, request);
  }
  const auto before = std::make_shared<const Call>(*call);  // its tags and media are what the reply describes
  switch (call->remove(request)) {
    case Call::Removed::Nothing:
      return nothing_to_do("Call-ID not found or tags didn't match");
    case Call::Removed::Part:
      shards_.post(call->shard(), worker::QuerySession{call->session(), reports_.await(id, before, now_)});
      return apply(*call);
    case Call::Removed::All:
      break;
  }
  if (delay > common::Duration::zero()) {
    *call = *before;
    delayed_deletes_.schedule(call->session(), now.instant + delay);
    return on_query(id, request);
  }
  ++counters_.calls_deleted;
  *call = *before;
  remove(call, id);
}

void CallDirectory::remove(const std::shared_ptr<Call>& call, std::optional<ng::RequestId> asked_by) {
  log::info("call.end", {{"call_id", call->id()}, {"shard", call->shard()}});
  delayed_deletes_.cancel(call->session());
  calls_.remove(*call);
  shards_.post(call->shard(), worker::RemoveSession{call->session(), reports_.await(asked_by, call, now_)});
}

void CallDirectory::on_shard_event(const worker::ShardEvent& event, Now now) {
  now_ = now.instant;
  std::visit(common::Overload{[&](const worker::Reported& reported) {
                                auto answered = reports_.on_reported(reported, now.wall);
                                if (answered) output_.push_back(std::move(*answered));
                              },
                              [&](const worker::SessionFailed& failed) { on_failed(failed); }},
             event);
}

void CallDirectory::on_failed(const worker::SessionFailed& failed) {
  const std::shared_ptr<Call> call = calls_.find(failed.id);
  if (call == nullptr) return;
  log::warn("call.media_lost", {{"call_id", call->id()}, {"cause", to_string(failed.cause)}});
  switch (failed.cause) {
    case session::EndCause::DtlsFailed:
      ++counters_.dtls_failures;  // a stranger may have provoked it; if it is real, the media timeout ends the call
      return;
    case session::EndCause::MediaTimeout:
      ++counters_.calls_media_timeout;
      break;
    case session::EndCause::ConsentLost:
      ++counters_.calls_consent_lost;
      break;
  }
  tell_proxy(*call, to_string(failed.cause));
  remove(call, std::nullopt);
}

void CallDirectory::tell_proxy(const Call& call, std::string_view reason) {
  if (call.teardown_blob.empty() || call.teardown_to.empty()) return;
  ng::Request request;
  request.command = ng::Command::Teardown;
  request.call_id = call.id();
  request.reason = reason;
  request.teardown_blob = call.teardown_blob;
  output_.push_back(TellTeardown{std::move(request), call.teardown_to});
}

void CallDirectory::end_all(Now now) {
  now_ = now.instant;
  drain();
  while (!calls_.empty()) {
    const std::shared_ptr<Call> call = calls_.first();
    ++counters_.calls_cut_off;
    tell_proxy(*call, kRelayStopped);
    remove(call, std::nullopt);
  }
}

void CallDirectory::on_timeout(Now now) {
  now_ = now.instant;
  for (Answered& answered : reports_.on_timeout(now)) output_.push_back(std::move(answered));
  counters_.late_reports = reports_.late();
  for (const session::SessionId id : delayed_deletes_.expire(now.instant)) {
    const std::shared_ptr<Call> call = calls_.find(id);
    if (call == nullptr) continue;
    ++counters_.calls_deleted;
    remove(call, std::nullopt);
  }
}

std::optional<common::Instant> CallDirectory::next_timeout() const noexcept {
  const auto report = reports_.next_timeout();
  const auto removal = delayed_deletes_.next();
  if (!report || !removal) return report ? report : removal;
  return std::min(*report, *removal);
}

std::optional<DirectoryOutput> CallDirectory::poll_output() {
  if (output_.empty()) return std::nullopt;
  DirectoryOutput next = std::move(output_.front());
  output_.pop_front();
  return next;
}

}  // namespace relay::control
