#include "proxy/app/admin_views.h"

#include <nlohmann/json.hpp>

namespace proxy::app {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(trunk::SrtpPolicy policy) {
  switch (policy) {
    case trunk::SrtpPolicy::Rtp:
      return "rtp";
    case trunk::SrtpPolicy::SdesRequired:
      return "sdes-required";
    case trunk::SrtpPolicy::SdesPreferred:
      return "sdes-preferred";
  }
  return "";
}

/// Text from peers may be anything; what is not UTF-8 is replaced, never thrown at the operator.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json places_of(const std::string& trunk, const std::vector<trunk::Health::View>& views, common::Instant now) {
  Json places = Json::array();
  for (const trunk::Health::View& view : views) {
    if (view.place.trunk != trunk) continue;
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(now - view.since).count();
    places.push_back({{"address", view.place.remote.to_string()},
                      {"transport", transport::to_string(view.place.kind)},
                      {"state", to_string(view.state)},
                      {"cause", to_string(view.cause)},
                      {"seconds", since},
                      {"calls", view.calls.calls},
                      {"failures", view.calls.failures}});
  }
  return places;
}

}  // namespace

std::string registrations_json(const std::vector<store::MemoryLocationStore::Named>& bindings, common::Instant now) {
  Json list = Json::array();
  for (const auto& [aor, binding] : bindings) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(binding.expires_at - now).count();
    list.push_back({{"aor", aor},
                    {"contact", binding.contact},
                    {"transport", transport::to_string(binding.flow.kind)},
                    {"source", binding.flow.remote.to_string()},
                    {"flow_id", binding.flow_id},
                    {"expires_in", std::max<std::int64_t>(left, 0)},
                    {"user_agent", binding.user_agent}});
  }
  return dump({{"registrations", std::move(list)}});
}

std::string trunks_json(const trunk::TrunkTable& trunks, trunk::Health& health, common::Instant now) {
  const auto views = health.views(now);
  Json list = Json::array();
  for (const trunk::Trunk& trunk : trunks.all()) {
    list.push_back({{"name", trunk.name},
                    {"host", trunk.host},
                    {"port", trunk.port != 0 ? Json(trunk.port) : Json(nullptr)},
                    {"transport", trunk.transport ? transport::to_string(*trunk.transport) : "auto"},
                    {"srtp", name_of(trunk.srtp)},
                    {"codecs", trunk.codecs},
                    {"places", places_of(trunk.name, views, now)}});
  }
  return dump({{"trunks", std::move(list)}});
}

}  // namespace proxy::app
