#pragma once

#include "common/metrics/metrics.h"
#include "relay/control/call_directory.h"
#include "relay/control/ng_endpoint.h"
#include "relay/control/teardown_sender.h"
#include "relay/stats/shard_counters.h"

/// The closed set of metrics of causeway-relay.
namespace relay::app {

void write_directory_metrics(common::metrics::Page& page, const control::CallDirectory& directory,
                             std::size_t port_pairs);
void write_endpoint_metrics(common::metrics::Page& page, const control::NgEndpoint& endpoint);
void write_teardown_metrics(common::metrics::Page& page, const control::TeardownSender::Counters& counters);
void write_shard_metrics(common::metrics::Page& page, std::size_t shard, const stats::ShardCounters& counters);

}  // namespace relay::app
