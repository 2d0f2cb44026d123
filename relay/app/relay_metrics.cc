#include "relay/app/relay_metrics.h"

#include <string>

namespace relay::app {
namespace {

using common::metrics::Family;
using common::metrics::Kind;

constexpr Family kRequests{"relay_ng_requests_total", Kind::Counter, "Requests worked on, by command."};
constexpr Family kRefused{"relay_ng_refused_requests_total", Kind::Counter, "Requests answered with an error."};
constexpr Family kMessages{"relay_ng_messages_total", Kind::Counter, "Messages received, by what became of them."};
constexpr Family kLostReplies{"relay_ng_lost_replies_total", Kind::Counter,
                              "Replies over UDP that the kernel would not take; the peer asks again."};
constexpr Family kRests{"relay_ng_out_of_descriptors_total", Kind::Counter,
                        "Times that no ng connection was taken for want of a descriptor."};
constexpr Family kCalls{"relay_calls", Kind::Gauge, "Calls now."};
constexpr Family kStarted{"relay_calls_started_total", Kind::Counter, "Calls begun."};
constexpr Family kEnded{"relay_calls_ended_total", Kind::Counter, "Calls ended, by reason."};
constexpr Family kDtls{"relay_dtls_failures_total", Kind::Counter, "DTLS associations that failed."};
constexpr Family kLate{"relay_late_reports_total", Kind::Counter, "Reports that a shard did not give in time."};
constexpr Family kPorts{"relay_port_pairs_in_use", Kind::Gauge, "Pairs of media ports that calls hold."};
constexpr Family kDraining{"relay_draining", Kind::Gauge, "1 while no new call is taken."};
constexpr Family kTeardowns{"relay_teardowns_total", Kind::Counter, "Reports of ended calls to proxies, by result."};
constexpr Family kDropped{"relay_dropped_packets_total", Kind::Counter,
                          "Datagrams not taken from a peer, and packets not sent on, by reason."};
constexpr Family kTranscoded{"relay_transcoder_packets_total", Kind::Counter,
                             "Packets of streams that are transcoded, by what became of them."};
constexpr Family kSessions{"relay_shard_sessions", Kind::Gauge, "Sessions of a shard."};

double number(auto value) { return static_cast<double>(value); }

}  // namespace

void write_directory_metrics(common::metrics::Page& page, const control::CallDirectory& directory,
                             std::size_t port_pairs) {
  const control::DirectoryCounters& counters = directory.counters();
  for (const ng::Command command : {ng::Command::Ping, ng::Command::Offer, ng::Command::Answer, ng::Command::Delete,
                                    ng::Command::Query, ng::Command::List}) {
    const auto index = static_cast<std::size_t>(command);
    page.add(kRequests, number(counters.requests[index]), {{"command", ng::to_string(command)}});
    page.add(kRefused, number(counters.refused[index]), {{"command", ng::to_string(command)}});
  }
  page.add(kCalls, number(directory.calls()));
  page.add(kStarted, number(counters.calls_started));
  page.add(kEnded, number(counters.calls_deleted), {{"reason", "deleted"}});
  page.add(kEnded, number(counters.calls_media_timeout), {{"reason", "media-timeout"}});
  page.add(kEnded, number(counters.calls_consent_lost), {{"reason", "consent-lost"}});
  page.add(kEnded, number(counters.calls_cut_off), {{"reason", "relay-stopped"}});
  page.add(kDtls, number(counters.dtls_failures));
  page.add(kLate, number(counters.late_reports));
  page.add(kPorts, number(port_pairs));
  page.add(kDraining, directory.draining() ? 1 : 0);
}

void write_endpoint_metrics(common::metrics::Page& page, const control::NgEndpoint& endpoint) {
  const ng::ServerCounters& counters = endpoint.server_counters();
  page.add(kMessages, number(counters.requests), {{"kind", "request"}});
  page.add(kMessages, number(counters.repeats), {{"kind", "repeat"}});
  page.add(kMessages, number(counters.repeats_waited), {{"kind", "repeat-of-running"}});
  page.add(kMessages, number(counters.malformed), {{"kind", "malformed"}});
  page.add(kMessages, number(counters.refused), {{"kind", "refused"}});
  page.add(kMessages, number(endpoint.counters().strangers), {{"kind", "stranger"}});
  page.add(kLostReplies, number(endpoint.counters().lost_replies));
  page.add(kRests, number(endpoint.counters().out_of_descriptors));
}

void write_teardown_metrics(common::metrics::Page& page, const control::TeardownSender::Counters& counters) {
  page.add(kTeardowns, number(counters.delivered), {{"result", "delivered"}});
  page.add(kTeardowns, number(counters.failed), {{"result", "failed"}});
}

void write_shard_metrics(common::metrics::Page& page, std::size_t shard, const stats::ShardCounters& counters) {
  const std::string name = std::to_string(shard);
  for (const stats::CounterName& counter : stats::kShardCounters) {
    const Family family{counter.name, Kind::Counter, counter.help};
    page.add(family, number((counters.*counter.counter).load(std::memory_order_relaxed)), {{"shard", name}});
  }
  for (std::size_t i = 0; i < session::kDropReasons.size(); ++i) {
    page.add(kDropped, number(counters.dropped[i].load(std::memory_order_relaxed)),
             {{"reason", session::kDropReasons[i]}, {"shard", name}});
  }
  for (std::size_t i = 0; i < codec::kTranscoderCounters.size(); ++i) {
    page.add(kTranscoded, number(counters.transcoded[i].load(std::memory_order_relaxed)),
             {{"result", codec::kTranscoderCounters[i].name}, {"shard", name}});
  }
  page.add(kSessions, number(counters.sessions.load(std::memory_order_relaxed)), {{"shard", name}});
}

}  // namespace relay::app
