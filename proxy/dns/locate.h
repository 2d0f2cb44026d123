#pragma once

#include <cstdint>
#include <vector>

#include "proxy/dns/resolver.h"
#include "proxy/next_hop/location.h"

namespace proxy::dns {

/// Walks a next_hop::Location through the resolver: all that can be asked at once is. `done` runs once, from the loop
/// or before the call returns when everything was known; never after the resolver's end.
void locate(Resolver& resolver, next_hop::Wanted wanted, std::vector<transport::Kind> ours, std::uint64_t seed,
            Done<next_hop::Candidates> done);

}  // namespace proxy::dns
