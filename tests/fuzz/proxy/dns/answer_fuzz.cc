#include "proxy/dns/answer.h"

#include "common/base/invariant.h"

namespace {

template <class Answer>
void check(const Answer& answer) {
  INVARIANT(!answer.records || (!answer.records->empty() && answer.records->size() <= 64), "records are bounded");
  INVARIANT(answer.ttl >= std::chrono::seconds{0} && answer.ttl <= std::chrono::hours{24}, "a TTL is bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto services = proxy::dns::read_srv({data, size});
  check(services);
  if (services.records) {
    for (const auto& record : *services.records)
      INVARIANT(record.target.empty() || proxy::dns::is_valid_name(record.target), "targets may be asked for");
  }
  const auto pointers = proxy::dns::read_naptr({data, size});
  check(pointers);
  if (pointers.records) {
    for (const auto& record : *pointers.records)
      INVARIANT(record.replacement.empty() || proxy::dns::is_valid_name(record.replacement), "so may replacements");
  }
  return 0;
}
