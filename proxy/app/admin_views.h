#pragma once

#include <string>
#include <vector>

#include "common/time/instant.h"
#include "proxy/store/memory_location_store.h"
#include "proxy/trunk/health.h"
#include "proxy/trunk/trunk.h"

namespace proxy::app {

/// Body of `/v1/registrations`: `{"registrations":[{"aor":…,"contact":…,"expires_in":…,…}]}`.
std::string registrations_json(const std::vector<store::MemoryLocationStore::Named>& bindings, common::Instant now);

/// Body of `/v1/trunks`: `{"trunks":[{"name":…,"host":…,"port":…,"transport":…,"srtp":…,"places":[{"address":…,
/// "state":…,"cause":…,…}]}]}`; no credentials.
std::string trunks_json(const trunk::TrunkTable& trunks, trunk::Health& health, common::Instant now);

}  // namespace proxy::app
