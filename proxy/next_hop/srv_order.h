#pragma once

#include <cstdint>

#include "proxy/dns/records.h"

namespace proxy::next_hop {

/// The order in which to try them, RFC 2782: by priority, within one by weighted chance, a weight of 0 seldom before
/// others. The same records in whatever order and the same seed give the same order on every node.
dns::SrvRecords in_order(dns::SrvRecords records, std::uint64_t seed);

/// The addresses of one host: IPv4 before IPv6, each family shuffled. Deterministic like in_order().
dns::Addresses in_order(dns::Addresses addresses, std::uint64_t seed);

}  // namespace proxy::next_hop
