#include "proxy/routing/choice.h"

#include <algorithm>
#include <tuple>

#include "proxy/next_hop/srv_order.h"

namespace proxy::routing {

std::vector<std::string> by_weight(const std::vector<Choice>& choices, std::uint64_t seed) {
  dns::SrvRecords records;
  records.reserve(choices.size());
  for (const Choice& choice : choices) records.push_back({choice.priority, choice.weight, 0, choice.trunk});
  std::vector<std::string> trunks;
  trunks.reserve(choices.size());
  for (dns::SrvRecord& record : next_hop::in_order(std::move(records), seed)) {
    trunks.push_back(std::move(record.target));
  }
  return trunks;
}

std::vector<Ranked> by_cost(const std::vector<std::string>& trunks, const Rates& rates, std::string_view number) {
  std::vector<Ranked> ranked;
  for (const std::string& trunk : trunks) {
    const auto table = rates.find(trunk);
    const Rate* rate = table == rates.end() ? nullptr : table->second.find(number);
    if (rate != nullptr) ranked.push_back({trunk, rate});
  }
  const auto cost = [](const Ranked& entry) { return std::tie(entry.rate->price, entry.rate->increment); };
  std::ranges::stable_sort(ranked, [&](const Ranked& a, const Ranked& b) { return cost(a) < cost(b); });
  return ranked;
}

}  // namespace proxy::routing
