#include "proxy/next_hop/srv_order.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace proxy::next_hop {
namespace {

/// std::mt19937_64 is the same everywhere; the distributions of <random> are not.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  /// 0 to `last`, both included.
  std::uint64_t up_to(std::uint64_t last) { return engine_() % (last + 1); }

 private:
  std::mt19937_64 engine_;
};

using Iterator = dns::SrvRecords::iterator;

/// Among equals chance decides, whatever order the server gave them.
template <class Iterator>
void shuffle(Iterator begin, Iterator end, Chance& chance) {
  for (auto at = begin; at != end; ++at) {
    std::iter_swap(at, at + static_cast<std::ptrdiff_t>(chance.up_to(static_cast<std::uint64_t>(end - at - 1))));
  }
}

/// Moves the record that the running sum of weights chooses to the front. Weights of 0 stand first, so only a draw of 0
/// chooses one of them.
void choose_first(Iterator begin, Iterator end, Chance& chance) {
  const auto total =
      std::accumulate(begin, end, std::uint64_t{0}, [](auto sum, const auto& r) { return sum + r.weight; });
  const std::uint64_t draw = chance.up_to(total);
  std::uint64_t sum = 0;
  const auto chosen = std::find_if(begin, end, [&](const dns::SrvRecord& record) {
    sum += record.weight;
    return sum >= draw;
  });
  std::rotate(begin, chosen, std::next(chosen));
}

}  // namespace

dns::SrvRecords in_order(dns::SrvRecords records, std::uint64_t seed) {
  std::ranges::sort(records);  // by priority first
  Chance chance{seed};
  for (auto begin = records.begin(); begin != records.end();) {
    const auto end = std::find_if(begin, records.end(), [&](const auto& r) { return r.priority != begin->priority; });
    shuffle(begin, end, chance);
    std::stable_partition(begin, end, [](const auto& record) { return record.weight == 0; });
    for (; begin != end; ++begin) choose_first(begin, end, chance);
  }
  return records;
}

dns::Addresses in_order(dns::Addresses addresses, std::uint64_t seed) {
  std::ranges::sort(addresses);  // by family first
  Chance chance{seed};
  const auto v6 = std::ranges::find_if(addresses, &common::IpAddress::is_v6);
  shuffle(addresses.begin(), v6, chance);
  shuffle(v6, addresses.end(), chance);
  return addresses;
}

}  // namespace proxy::next_hop
