#pragma once

#include <vector>

#include "common/metrics/metrics.h"
#include "proxy/registrar/registrar.h"
#include "proxy/relay_pool/relay_pool.h"
#include "proxy/transport/stats.h"
#include "proxy/worker/worker.h"

/// What `/metrics` tells of each part of the proxy.
namespace proxy::app {

void write_transport_metrics(common::metrics::Page& page, const transport::Stats& stats);
void write_transaction_metrics(common::metrics::Page& page, const transaction::Table& table);
void write_core_metrics(common::metrics::Page& page, const core::ProxyCore& core,
                        const worker::WorkerCounters& counters);
void write_registrar_metrics(common::metrics::Page& page, const registrar::Registrar::Counters& counters,
                             std::size_t bindings);
void write_relay_metrics(common::metrics::Page& page, const std::vector<relay_pool::RelayStatus>& relays);

}  // namespace proxy::app
