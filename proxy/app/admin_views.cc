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

std::string trunks_json(const trunk::TrunkTable& trunks) {
  Json list = Json::array();
  for (const trunk::Trunk& trunk : trunks.all()) {
    list.push_back({{"name", trunk.name},
                    {"host", trunk.host},
                    {"port", trunk.effective_port()},
                    {"transport", transport::to_string(trunk.transport)},
                    {"srtp", name_of(trunk.srtp)},
                    {"codecs", trunk.codecs}});
  }
  return dump({{"trunks", std::move(list)}});
}

}  // namespace proxy::app
